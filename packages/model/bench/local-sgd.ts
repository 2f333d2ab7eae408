/**
 * The local step of gradient-trained recommenders: one epoch of one device by fused kernels against the same epoch by
 * TensorFlow.js autograd on its cpu backend. Ratios of two programs in one run; run alone by
 * `tsx --conditions=source packages/model/bench/local-sgd.ts`.
 */
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { seededRandom } from '../src/random/seeded.ts';
import type { Architecture, LocalBackend, LocalParameters, Pass } from '../src/recommender/local-sgd/backend.ts';
import { drawExamples, shuffledPass } from '../src/recommender/local-sgd/examples.ts';
import { fusedMatrixFactorisation } from '../src/recommender/matrix-factorisation/fused.ts';
import { fusedNeuMf } from '../src/recommender/neumf/fused.ts';
import { createTfjsBackend } from '../src/tfjs/backend.ts';
import { tensorShapes } from '../src/tfjs/score.ts';
import { registerSegmentSumKernel } from '../src/tfjs/segment-sum.ts';

/** The mean MovieLens 1M user: 165 interactions of 3,706 items, four negatives each. */
const interactions = 165;
const itemCount = 3706;
const negativesPerPositive = 4;
const steps = { batchSize: 64, learningRate: 0.1, privateLearningRate: 1, regularisation: 0.01 };
const tolerance = 1e-4;

interface Problem {
  readonly parameters: LocalParameters;
  readonly pass: Pass;
}

function oneDevice(architecture: Architecture, seed: number): Problem {
  const random = seededRandom(seed);
  const positives = new Set<number>();
  while (positives.size < interactions) positives.add(random.below(itemCount));
  const examples = drawExamples(Uint32Array.from(positives), itemCount, negativesPerPositive, random);
  const { tables, dense } = tensorShapes(architecture, examples.rows.length);
  const draw = (shape: readonly number[]) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.1 * random.gaussian());
  const own = architecture.dimension + (architecture.kind === 'neumf' ? architecture.mlpDimension : 0);
  return {
    parameters: { tables: tables.map(draw), dense: dense.map(draw), privateVector: draw([own]) },
    pass: shuffledPass(examples, 'all', random),
  };
}

const copyOf = ({ tables, dense, privateVector }: LocalParameters): LocalParameters => ({
  tables: tables.map((values) => values.slice()),
  dense: dense.map((values) => values.slice()),
  privateVector: privateVector.slice(),
});

/** Median milliseconds of one epoch from the same start, and where the last one ended. */
function timeEpoch(backend: LocalBackend, { parameters, pass }: Problem, repeats: number) {
  const times: number[] = [];
  let moved = parameters;
  for (let repeat = 0; repeat < repeats; repeat++) {
    moved = copyOf(parameters);
    const start = performance.now();
    backend.run(moved, [pass], steps);
    times.push(performance.now() - start);
  }
  return { milliseconds: times.toSorted((a, b) => a - b)[times.length >> 1], moved };
}

function largestDifference(left: LocalParameters, right: LocalParameters): number {
  const flat = (of: LocalParameters) => [...of.tables, ...of.dense, of.privateVector];
  const others = flat(right);
  let largest = 0;
  flat(left).forEach((values, t) => {
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] - others[t][i]));
  });
  return largest;
}

/** Fused over autograd, with the stock kernels and with our segment sum registered. */
function compare(label: string, architecture: Architecture, fused: LocalBackend, target: number): BenchRow[] {
  const problem = oneDevice(architecture, 1);
  const autograd = createTfjsBackend(architecture);
  timeEpoch(fused, problem, 50); // let the kernels compile
  const fast = timeEpoch(fused, problem, 51);
  const plain = timeEpoch(autograd, problem, 1);
  const restore = registerSegmentSumKernel();
  timeEpoch(autograd, problem, 1);
  const withKernel = timeEpoch(autograd, problem, 5);
  restore();
  const again = timeEpoch(fused, problem, 51);
  const fusedTime = Math.max(fast.milliseconds, again.milliseconds);
  const row = (name: string, other: typeof plain, least: number): BenchRow => {
    const ratio = other.milliseconds / fusedTime;
    const difference = largestDifference(fast.moved, other.moved);
    return {
      name,
      ratio,
      target: `>= ${least}x`,
      ok: ratio >= least && difference <= tolerance,
      detail:
        `${fusedTime.toFixed(2)} ms against ${other.milliseconds.toFixed(0)} ms an epoch of ${problem.pass.slots.length} ` +
        `examples, batches of ${steps.batchSize}; largest difference ${difference.toExponential(1)} (at most ${tolerance})`,
    };
  };
  return [
    row(`fused local epoch, ${label}, over tfjs autograd`, plain, target),
    row(`fused local epoch, ${label}, over tfjs autograd with our segment-sum kernel`, withKernel, 1),
  ];
}

/** The speed of the local step. Ratios above 1: ours is faster. */
export async function rows(): Promise<BenchRow[]> {
  await tf.setBackend('cpu');
  const neuMf = { dimension: 32, mlpDimension: 32, hiddenLayers: [32, 16, 8] };
  return [
    ...compare(
      'matrix factorisation d = 64',
      { kind: 'matrix-factorisation', dimension: 64 },
      fusedMatrixFactorisation(64),
      50,
    ),
    ...compare('NeuMF 32 + [32, 16, 8]', { kind: 'neumf', ...neuMf }, fusedNeuMf(neuMf), 50),
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ratio, target, ok, detail } of await rows()) {
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${ratio?.toFixed(1)}x (target ${target}). ${detail}`);
  }
}
