/** A simulated round as a coordinator would describe it: the content of its ledger entries and the length of its invitation. */
import type { Recommender } from '@tributary/model';
import { describeRound, type RoundDescriptor, type TaskDocument } from '@tributary/protocol';

interface Hashed {
  readonly hash: string;
}

/** Keys and nonce are zero: nothing is sealed or sent. */
export function descriptorOf(
  task: TaskDocument,
  sections: RoundDescriptor['sections'],
  round: number,
  version: {
    readonly model: string;
    readonly recommender: { readonly [Layout in keyof Pick<Recommender, 'layout' | 'contributionLayout'>]: Hashed };
  },
): Omit<RoundDescriptor, 'signature'> {
  return describeRound(task, {
    round,
    modelVersion: version.model,
    layoutHash: version.recommender.layout.hash,
    contributionLayoutHash: version.recommender.contributionLayout.hash,
    sections,
    sealingKey: new Uint8Array(32),
    secure: null,
    nonce: new Uint8Array(32),
  });
}
