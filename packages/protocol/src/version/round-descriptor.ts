import { bytesToHex, f64le, frame, hexToBytes, u32le, u64le, utf8 } from '@tributary/privacy/bytes';
import { sha256 } from '@tributary/privacy/hash';
import type { RoundDescriptor, SecureRoundDescription } from '../messages/messages.ts';
import { noiseMultiplierOf, noisePlanOf } from '../task/noise-plan.ts';
import type { TaskDocument } from '../task/task-document.ts';
import { protocolVersion } from './protocol-version.ts';

export type RoundDescriptorFields = Omit<RoundDescriptor, 'signature'>;

const absent = new Uint8Array(0);

/** What a round has beside its task's document. */
export type RoundParticulars = Pick<
  RoundDescriptorFields,
  'round' | 'modelVersion' | 'layoutHash' | 'contributionLayoutHash' | 'sections' | 'sealingKey' | 'secure' | 'nonce'
> & {
  /** Where it follows the norms of earlier rounds; the task's unless given. */
  readonly clipNorm?: number | null;
  /** Null, or left out, without a tree. */
  readonly treeFirstRound?: number | null;
};

/** A round of a task, as it will be signed. */
export function describeRound(task: TaskDocument, particulars: RoundParticulars): RoundDescriptorFields {
  const { cohort, privacy } = task;
  const { noise } = privacy;
  return {
    ...particulars,
    protocol: protocolVersion,
    task: task.task,
    plan: privacy.plan,
    clipNorm: particulars.clipNorm ?? privacy.clipNorm,
    noiseMultiplier: noise ? noiseMultiplierOf(noise) : null,
    noisePlacement: noisePlanOf(task)?.placement ?? null,
    treeFirstRound: particulars.treeFirstRound ?? null,
    participations: noise?.participations ?? null,
    weighting: task.weighting,
    evaluationScale: task.evaluation.scale,
    cohortTarget: cohort.target,
    cohortMinimum: cohort.minimum,
    collectionMilliseconds: Math.round(cohort.collectionSeconds * 1000),
  };
}

/** What the coordinator signs of a round, in fixed order; what is absent is an empty part. */
export function roundDescriptorBytes(fields: RoundDescriptorFields): Uint8Array {
  return frame(
    'tributary/v1/round',
    u32le(fields.protocol),
    utf8(fields.task),
    u64le(fields.round),
    hexToBytes(fields.modelVersion),
    hexToBytes(fields.layoutHash),
    hexToBytes(fields.contributionLayoutHash),
    u64le(fields.sections.contribution),
    u64le(fields.sections.evaluation),
    u64le(fields.sections.weight),
    utf8(fields.plan),
    fields.clipNorm === null ? absent : f64le(fields.clipNorm),
    fields.noiseMultiplier === null ? absent : f64le(fields.noiseMultiplier),
    fields.noisePlacement === null ? absent : utf8(fields.noisePlacement),
    fields.treeFirstRound === null ? absent : u64le(fields.treeFirstRound),
    fields.participations === null ? absent : u64le(fields.participations),
    utf8(fields.weighting.kind),
    fields.weighting.kind === 'examples' ? u64le(fields.weighting.cap) : absent,
    f64le(fields.evaluationScale),
    u64le(fields.cohortTarget),
    u64le(fields.cohortMinimum),
    u64le(fields.collectionMilliseconds),
    fields.sealingKey ?? absent,
    fields.secure === null ? absent : secureRoundBytes(fields.secure),
    fields.nonce,
  );
}

/** One part of the descriptor's frame, itself a frame; without an identity log its size and root are empty parts. */
function secureRoundBytes(secure: SecureRoundDescription): Uint8Array {
  const { identityLog, noise } = secure;
  return frame(
    'tributary/v1/secure-round',
    u32le(secure.bits),
    f64le(secure.scale),
    u32le(secure.metricsBits),
    f64le(secure.metricsScale),
    u64le(secure.degree),
    u64le(secure.threshold),
    u64le(secure.inDegreeCap),
    u64le(secure.rosterMaximum),
    u32le(secure.corrupt),
    u32le(secure.dropout),
    u64le(secure.phaseMilliseconds),
    utf8(secure.tally),
    noise === null
      ? absent
      : frame(
          'tributary/v1/noise-share',
          utf8(noise.mechanism),
          f64le(noise.variance),
          f64le(noise.metricsVariance),
          f64le(noise.indicatorVariance),
          u64le(noise.noises),
        ),
    identityLog === null ? absent : u64le(identityLog.size),
    identityLog === null ? absent : identityLog.root,
  );
}

/** Identity of the round: SHA-256 of the signed bytes, in hex. */
export function roundHash(fields: RoundDescriptorFields): string {
  return bytesToHex(sha256(roundDescriptorBytes(fields)));
}
