/** The signed description of a round, which is its invitation. */
import type { Recommender } from '@tributary/model';
import { type Identity, sign } from '@tributary/privacy';
import {
  type ModelVersion,
  protocolVersion,
  type RoundDescriptor,
  roundDescriptorBytes,
  roundHash,
  type TaskDocument,
} from '@tributary/protocol';

export interface DescribedRound {
  readonly descriptor: RoundDescriptor;
  /** Identity of the round, in hex. */
  readonly hash: string;
}

export function describeRound(options: {
  readonly document: TaskDocument;
  readonly recommender: Recommender;
  readonly sections: RoundDescriptor['sections'];
  readonly round: number;
  readonly version: ModelVersion;
  /** Fresh for this round. */
  readonly sealingKey: Uint8Array;
  /** 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  readonly identity: Identity;
}): DescribedRound {
  const { document, recommender, sections, round, version, sealingKey, nonce, identity } = options;
  const { cohort, privacy, evaluation } = document;
  const fields = {
    protocol: protocolVersion,
    task: document.task,
    round,
    modelVersion: version.hash,
    layoutHash: recommender.layout.hash,
    contributionLayoutHash: recommender.contributionLayout.hash,
    sections,
    plan: privacy.plan,
    clipNorm: privacy.clipNorm,
    noiseMultiplier: privacy.noise ? privacy.noise.noiseMultiplier : null,
    weighting: document.weighting,
    evaluationScale: evaluation.scale,
    cohortTarget: cohort.target,
    cohortMinimum: cohort.minimum,
    collectionMilliseconds: Math.round(cohort.collectionSeconds * 1000),
    sealingKey,
    nonce,
  };
  const signature = sign(roundDescriptorBytes(fields), identity.secretKey);
  return { descriptor: { ...fields, signature }, hash: roundHash(fields) };
}
