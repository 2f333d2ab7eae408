/**
 * The local step by TensorFlow.js autograd: the reference that the fused kernels are proven against, and the one to start a
 * new scorer from. It reads its results synchronously, so it runs on the cpu, wasm, webgl and tensorflow backends.
 */
import * as tf from '@tensorflow/tfjs';
import type {
  Architecture,
  LocalBackend,
  LocalBackendFactory,
  LocalParameters,
  StepSizes,
} from '../recommender/local-sgd/backend.ts';
import { logitsOf, tensorShapes } from './score.ts';

interface Variables {
  readonly tables: readonly tf.Variable[];
  readonly dense: readonly tf.Variable[];
  readonly user: tf.Variable<tf.Rank.R1>;
}

export const createTfjsBackend: LocalBackendFactory = (architecture: Architecture): LocalBackend => ({
  run(parameters, passes, steps) {
    const variables = toVariables(architecture, parameters);
    let loss = 0;
    let examples = 0;
    for (const { moves, slots, labels } of passes) {
      for (let from = 0; from < slots.length; from += steps.batchSize) {
        const to = Math.min(from + steps.batchSize, slots.length);
        const entropy = trainOnBatch(
          architecture,
          variables,
          slots.subarray(from, to),
          labels.subarray(from, to),
          moves,
          steps,
        );
        if (moves === 'all') loss += entropy * (to - from);
      }
      if (moves === 'all') examples += slots.length;
    }
    readBack(variables, parameters);
    return examples === 0 ? 0 : loss / examples;
  },
});

function toVariables(architecture: Architecture, { tables, dense, privateVector }: LocalParameters): Variables {
  const shapes = tensorShapes(architecture, tables[0].length / architecture.dimension);
  const variable = (values: Float32Array, shape: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor(values.slice(), shape, 'float32')));
  return {
    tables: tables.map((values, t) => variable(values, shapes.tables[t])),
    dense: dense.map((values, t) => variable(values, shapes.dense[t])),
    user: variable(privateVector, [privateVector.length]) as tf.Variable<tf.Rank.R1>,
  };
}

/** Copies the moved values into the caller's arrays and frees the variables. */
function readBack({ tables, dense, user }: Variables, parameters: LocalParameters): void {
  const pairs: [tf.Variable, Float32Array][] = [
    ...tables.map((variable, t): [tf.Variable, Float32Array] => [variable, parameters.tables[t]]),
    ...dense.map((variable, t): [tf.Variable, Float32Array] => [variable, parameters.dense[t]]),
    [user, parameters.privateVector],
  ];
  for (const [variable, values] of pairs) {
    values.set(variable.dataSync() as Float32Array);
    variable.dispose();
  }
}

/** One SGD step. @returns the mean cross-entropy of the batch before it. */
function trainOnBatch(
  architecture: Architecture,
  { tables, dense, user }: Variables,
  slots: Uint32Array,
  labels: Float32Array,
  moves: 'private' | 'all',
  { learningRate, privateLearningRate, regularisation }: StepSizes,
): number {
  return tf.tidy(() => {
    const indices = tf.tensor1d(Int32Array.from(slots), 'int32');
    const targets = tf.tensor1d(labels.slice());
    let entropy = 0;
    const lossOf = () => {
      const rows = tables.map((table) => tf.gather(table, indices));
      const logits = logitsOf(architecture, { rows, dense, user });
      const mean = tf.losses.sigmoidCrossEntropy(targets, logits) as tf.Scalar;
      entropy = mean.dataSync()[0];
      const squares = [...rows, user].map((tensor) => tf.sum(tf.square(tensor)));
      const ofRows = tf.div(tf.addN(squares.slice(0, -1)), slots.length);
      const penalty = tf.mul(tf.add(ofRows, squares[squares.length - 1]), regularisation / 2);
      return tf.add(mean, penalty) as tf.Scalar;
    };
    const moving: tf.Variable[] = moves === 'all' ? [...tables, ...dense, user] : [user];
    const { grads } = tf.variableGrads(lossOf, moving);
    for (const variable of moving) {
      const rate = variable === user ? privateLearningRate : learningRate;
      variable.assign(tf.sub(variable, tf.mul(grads[variable.name], rate)));
    }
    return entropy;
  });
}
