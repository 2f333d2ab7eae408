/** A simulated round as a coordinator would describe it: the content of its ledger entries and the length of its invitation. */
import { securePlanOf } from '@tributary/coordinator/round';
import type { Recommender } from '@tributary/model';
import {
  describeRound,
  type RoundDescriptor,
  type RoundDescriptorFields,
  type RoundParticulars,
  type SecureRoundDescription,
  type TaskDocument,
} from '@tributary/protocol';

interface Hashed {
  readonly hash: string;
}

/** Sealing key and nonce are zero: nothing is sealed or sent. */
export function descriptorOf(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  round: number,
  version: {
    readonly model: string;
    readonly recommender: { readonly [Layout in keyof Pick<Recommender, 'layout' | 'contributionLayout'>]: Hashed };
  },
  identityLog: SecureRoundDescription['identityLog'] = null,
  { clipNorm, treeFirstRound }: Pick<RoundParticulars, 'clipNorm' | 'treeFirstRound'> = {},
): RoundDescriptorFields {
  const secure =
    task.privacy.plan === 'secure' ? { ...securePlanOf(task, sections, clipNorm ?? undefined), identityLog } : null;
  return describeRound(task, {
    round,
    modelVersion: version.model,
    layoutHash: version.recommender.layout.hash,
    contributionLayoutHash: version.recommender.contributionLayout.hash,
    sections,
    sealingKey: secure ? null : new Uint8Array(32),
    secure,
    nonce: new Uint8Array(32),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(treeFirstRound !== undefined && { treeFirstRound }),
  });
}
