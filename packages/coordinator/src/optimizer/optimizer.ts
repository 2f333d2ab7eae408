/**
 * Server optimizers (Reddi et al. 2021, "Adaptive federated optimization", algorithm 2): the round's direction is taken as a
 * pseudo-gradient that points the way to go.
 */
import type { OptimizerDocument } from '@tributary/protocol';

/** Moments carried from round to round, each [layout.size]; empty before the first step and for FedAvg. */
export interface OptimizerState {
  readonly momentum: Float32Array | null;
  readonly second: Float32Array | null;
}

export interface OptimizerStep {
  readonly parameters: Float32Array;
  readonly state: OptimizerState;
}

export interface ServerOptimizer {
  readonly initialState: OptimizerState;
  /** Arguments are not changed. `shared` and `direction` are [layout.size]. */
  step(shared: Float32Array, direction: Float32Array, state: OptimizerState): OptimizerStep;
}

const initialState: OptimizerState = { momentum: null, second: null };

export function createServerOptimizer(document: OptimizerDocument): ServerOptimizer {
  switch (document.kind) {
    case 'fedavg':
      return {
        initialState,
        step: (shared, direction, state) => ({ parameters: move(shared, direction, document.learningRate), state }),
      };
    case 'fedavgm':
      return { initialState, step: (shared, direction, state) => momentumStep(shared, direction, state, document) };
    case 'fedadagrad':
      return { initialState, step: (...step) => adaptiveStep(...step, { ...document, beta1: 0 }, (v, g2) => v + g2) };
    case 'fedadam':
      return {
        initialState,
        step: (...step) => adaptiveStep(...step, document, (v, g2) => document.beta2 * v + (1 - document.beta2) * g2),
      };
    case 'fedyogi':
      return {
        initialState,
        step: (...step) =>
          adaptiveStep(...step, document, (v, g2) => v - (1 - document.beta2) * g2 * Math.sign(v - g2)),
      };
  }
}

function move(shared: Float32Array, direction: Float32Array, rate: number): Float32Array {
  const parameters = new Float32Array(shared.length);
  for (let i = 0; i < shared.length; i++) parameters[i] = shared[i] + rate * direction[i];
  return parameters;
}

/** m = momentum m + direction; x += learningRate m (Hsu, Qi, Brown 2019). */
function momentumStep(
  shared: Float32Array,
  direction: Float32Array,
  { momentum }: OptimizerState,
  document: { readonly learningRate: number; readonly momentum: number },
): OptimizerStep {
  const next = new Float32Array(shared.length);
  for (let i = 0; i < next.length; i++) next[i] = document.momentum * (momentum ? momentum[i] : 0) + direction[i];
  return { parameters: move(shared, next, document.learningRate), state: { momentum: next, second: null } };
}

/** m = beta1 m + (1 - beta1) direction; v by the rule; x += learningRate m / (sqrt(v) + tau). v starts at tau^2. */
function adaptiveStep(
  shared: Float32Array,
  direction: Float32Array,
  state: OptimizerState,
  document: { readonly learningRate: number; readonly beta1: number; readonly tau: number },
  rule: (second: number, squared: number) => number,
): OptimizerStep {
  const { learningRate, beta1, tau } = document;
  const momentum = new Float32Array(shared.length);
  const second = new Float32Array(shared.length);
  const parameters = new Float32Array(shared.length);
  for (let i = 0; i < shared.length; i++) {
    const g = direction[i];
    momentum[i] = beta1 * (state.momentum ? state.momentum[i] : 0) + (1 - beta1) * g;
    second[i] = rule(state.second ? state.second[i] : tau * tau, g * g);
    parameters[i] = shared[i] + (learningRate * momentum[i]) / (Math.sqrt(second[i]) + tau);
  }
  return { parameters, state: { momentum, second } };
}
