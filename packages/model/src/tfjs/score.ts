/** The forward pass of both recommenders in TensorFlow.js, as the papers write it; autograd does the rest. */
import * as tf from '@tensorflow/tfjs';
import type { Architecture } from '../recommender/local-sgd/backend.ts';

/** Rows of a minibatch of one user: one tensor [batch, width] for each item table ([batch] where the width is 1). */
export interface GatheredRows {
  readonly rows: readonly tf.Tensor[];
  readonly dense: readonly tf.Tensor[];
  /** [privateSize] */
  readonly user: tf.Tensor1D;
}

/** Logits [batch]. */
export function logitsOf(architecture: Architecture, { rows, dense, user }: GatheredRows): tf.Tensor1D {
  if (architecture.kind === 'matrix-factorisation') {
    const [vectors, biases] = rows;
    return tf.add(tf.sum(tf.mul(vectors, user), 1), biases);
  }
  const { dimension, mlpDimension } = architecture;
  const [gmfRows, mlpRows] = rows;
  const gmf = tf.mul(gmfRows, tf.slice(user, 0, dimension)) as tf.Tensor2D;
  const own = tf.slice(user, dimension, mlpDimension);
  const batch = mlpRows.shape[0] as number;
  let activation = tf.concat([tf.tile(tf.reshape(own, [1, mlpDimension]), [batch, 1]), mlpRows as tf.Tensor2D], 1);
  for (let at = 0; at + 2 < dense.length; at += 2) {
    const sums = tf.add(tf.matMul(activation, dense[at] as tf.Tensor2D, false, true), dense[at + 1]);
    activation = tf.relu(sums) as tf.Tensor2D;
  }
  const joined = tf.concat([gmf, activation], 1);
  const output = tf.reshape(dense[dense.length - 2], [-1, 1]) as tf.Tensor2D;
  return tf.add(tf.reshape(tf.matMul(joined, output), [batch]), dense[dense.length - 1]);
}

/** Shapes of the tensors of a model on `slots` rows: item tables, then dense tensors. */
export function tensorShapes(architecture: Architecture, slots: number): { tables: number[][]; dense: number[][] } {
  const { dimension } = architecture;
  if (architecture.kind === 'matrix-factorisation') return { tables: [[slots, dimension], [slots]], dense: [] };
  const { mlpDimension, hiddenLayers } = architecture;
  const tables = [
    [slots, dimension],
    [slots, mlpDimension],
  ];
  const dense: number[][] = [];
  let inputs = 2 * mlpDimension;
  for (const width of hiddenLayers) {
    dense.push([width, inputs], [width]);
    inputs = width;
  }
  dense.push([dimension + inputs], [1]);
  return { tables, dense };
}
