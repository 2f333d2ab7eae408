/** The sum of one round's contributions, by the plan of its task. */
import type { Accumulator } from '@tributary/coordinator/aggregation';
import type { SumOpening } from '@tributary/coordinator/release';
import { type IntegerNoise, type OpenedSum, readSecureSum } from '@tributary/coordinator/round';
import { frame, graphOf, hexToBytes, type Identity, keystreamRandom, sha256, u32le } from '@tributary/privacy';
import { payloadLength, type RoundDescriptorFields, roundHash } from '@tributary/protocol';
import type { Attendance, SecureAttendance } from './attendance.ts';
import { chunksOf, inOrder } from './chunks.ts';
import type { SecurePopulation } from './secure-population.ts';
import { runSecureProtocol } from './secure-protocol.ts';
import { trainCohort } from './train-cohort.ts';
import type { WorkerThreads } from './worker-threads.ts';

export type AggregatedRound =
  | {
      readonly kind: 'summed';
      /** Mean over the contributors. */
      readonly loss: number;
      readonly clipped: number;
      readonly contributions: number;
      /** [contribution | evaluation | weight], or what opens a sum of integers. */
      readonly sum: Float32Array | SumOpening;
      /** Norm of the contributions' sum over contributions times clip norm; null without one. Once the sum is open. */
      readonly alignment: () => number | null;
      /** Of a secure round, once its sum is open. */
      readonly secure: SecureFigures | null;
    }
  | { readonly kind: 'abandoned'; readonly reason: string };

/** What is known of a secure round's sum and graph; the first once it is open. */
export interface SecureFigures {
  /** Largest rotated coordinate over what the integers hold, in [0, 1]. */
  fill: number;
  /** Devices of the roster, mask neighbours that each draws, and shares that open a secret. */
  readonly roster: number;
  readonly neighbours: number;
  readonly threshold: number;
}

type Progress = (done: number, total: number) => void;

/** Plan `sealed`: float32, as contributions are sealed and opened. */
export async function sumSealed(
  threads: WorkerThreads,
  places: readonly Float32Array[],
  accumulator: Accumulator,
  cohort: {
    readonly version: number;
    readonly descriptor: RoundDescriptorFields;
    readonly attendance: Attendance;
  },
  onProgress: Progress,
): Promise<AggregatedRound> {
  const { version, descriptor, attendance } = cohort;
  const { contributors } = attendance;
  const { round } = descriptor;
  const trained = await trainCohort(threads, places, accumulator, { version, round, contributors }, onProgress);
  const contributions = contributors.length;
  const sum = accumulator.values;
  // Before the step adds noise to it.
  const alignment = alignmentOf(sum, descriptor, contributions);
  return { kind: 'summed', ...trained, contributions, sum, alignment: () => alignment, secure: null };
}

/** Plan `secure` without its cryptography: the integers that masks would have hidden, summed modulo 2^32. */
export async function sumIntegers(
  threads: WorkerThreads,
  places: readonly Float32Array[],
  cohort: {
    readonly version: number;
    readonly descriptor: RoundDescriptorFields;
    readonly attendance: SecureAttendance;
  },
  onProgress: Progress,
): Promise<AggregatedRound> {
  const { version, descriptor, attendance } = cohort;
  const { contributors, roster } = attendance;
  const { round, sections, secure: plan } = descriptor;
  if (!plan) throw new TypeError('A round of integers is a secure one.');
  const total = new Uint32Array(payloadLength(sections));
  let lossSum = 0;
  let clipped = 0;
  await inOrder(
    chunksOf(contributors.length),
    places.length,
    ({ from, to }, place) => threads.encode({ version, round, users: contributors.slice(from, to), place, descriptor }),
    (outcome, { to }, place) => {
      const { buffer, byteOffset, length } = places[place];
      const part = new Uint32Array(buffer, byteOffset, length);
      for (let i = 0; i < total.length; i++) total[i] += part[i];
      lossSum += outcome.lossSum;
      clipped += outcome.clipped;
      onProgress(to, contributors.length);
    },
  );
  const sums = [total.subarray(0, sections.contribution), total.subarray(sections.contribution)];
  const { degree: neighbours, threshold } = graphOf(plan, roster);
  const hash = hexToBytes(roundHash(descriptor));
  const open = async (noise: IntegerNoise | null) => readSecureSum(sums, descriptor, hash, noise);
  return {
    loss: lossSum / Math.max(1, contributors.length),
    clipped,
    ...openedLater(descriptor, contributors.length, { roster, neighbours, threshold }, open),
  };
}

/** Plan `secure`, as it is. */
export async function sumMasked(
  threads: WorkerThreads,
  cohort: {
    readonly version: number;
    readonly descriptor: RoundDescriptorFields;
    readonly attendance: SecureAttendance;
    readonly population: string;
    readonly people: SecurePopulation;
    readonly coordinator: Identity;
    readonly seed: number;
  },
  onProgress: Progress,
): Promise<AggregatedRound> {
  const { version, descriptor, seed } = cohort;
  const key = sha256(frame('tributary/simulation/keys', u32le(seed), hexToBytes(roundHash(descriptor))));
  const outcome = await runSecureProtocol({
    ...cohort,
    random: keystreamRandom(key),
    mask: (user, masks) => threads.mask({ version, descriptor, user, masks }),
    concurrency: 2 * threads.count,
    onProgress,
  });
  if (outcome.kind === 'abandoned') return outcome;
  const { contributions, lossSum, clipped, roster, neighbours, threshold, open } = outcome;
  return {
    loss: lossSum / contributions,
    clipped,
    ...openedLater(descriptor, contributions, { roster, neighbours, threshold }, open),
  };
}

/** A sum of integers, and what is known of it once it is open. */
function openedLater(
  descriptor: RoundDescriptorFields,
  contributions: number,
  graph: Omit<SecureFigures, 'fill'>,
  open: (noise: IntegerNoise | null) => Promise<OpenedSum>,
) {
  const secure: SecureFigures = { fill: 0, ...graph };
  let alignment: number | null = null;
  return {
    kind: 'summed' as const,
    contributions,
    async sum(noise: IntegerNoise | null) {
      const opened = await open(noise);
      secure.fill = opened.fill;
      alignment = alignmentOf(opened.sum, descriptor, contributions);
      return opened.sum;
    },
    alignment: () => alignment,
    secure,
  };
}

/** What `privacy.secure.alignment` has to bound, with what noise is in the integers; null without a clip norm. */
function alignmentOf(
  sum: Float32Array,
  { sections, clipNorm }: RoundDescriptorFields,
  contributions: number,
): number | null {
  if (clipNorm === null) return null;
  const norm = Math.hypot(...chunkNorms(sum.subarray(0, sections.contribution)));
  return norm / (Math.max(1, contributions) * clipNorm);
}

/** Norms of pieces: `Math.hypot` takes its arguments on the stack. */
function chunkNorms(values: Float32Array): number[] {
  const norms: number[] = [];
  for (let from = 0; from < values.length; from += 4096) {
    let squares = 0;
    for (const value of values.subarray(from, from + 4096)) squares += value * value;
    norms.push(Math.sqrt(squares));
  }
  return norms;
}
