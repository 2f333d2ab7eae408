import { type OptimizerDocument, optimizerSchema } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createServerOptimizer, type OptimizerState, type OptimizerStep } from './optimizer.ts';

/**
 * Reddi et al. 2021, algorithm 2, one coordinate, line by line: m_0 = 0, v_{-1} = tau^2. The moments are kept as float32 from
 * round to round, as the state is: Yogi's sign jumps where v = delta^2, and a reference with longer moments would fall on the
 * other side of it, two delta^2 away.
 */
function algorithm2(rule: 'adagrad' | 'adam' | 'yogi', eta: number, beta1: number, beta2: number, tau: number) {
  let m = 0;
  let v = tau ** 2;
  return (x: number, delta: number) => {
    m = Math.fround(beta1 * m + (1 - beta1) * delta);
    if (rule === 'adagrad') v = v + delta ** 2;
    if (rule === 'yogi') v = v - (1 - beta2) * delta ** 2 * Math.sign(v - delta ** 2);
    if (rule === 'adam') v = beta2 * v + (1 - beta2) * delta ** 2;
    v = Math.fround(v);
    return x + (eta * m) / (Math.sqrt(v) + tau);
  };
}

type Coordinate = (x: number, delta: number) => number;

const unit = fc.double({ min: 0, max: 0.999, noNaN: true });
const rate = fc.double({ min: 1e-3, max: 2, noNaN: true });
const tau = fc.double({ min: 1e-3, max: 1, noNaN: true });

/** A document with what makes the reference of one coordinate. */
const cases: fc.Arbitrary<readonly [OptimizerDocument, () => Coordinate]> = fc.oneof(
  rate.map((learningRate): readonly [OptimizerDocument, () => Coordinate] => [
    { kind: 'fedavg', learningRate },
    () => (x, delta) => x + learningRate * delta,
  ]),
  fc.tuple(rate, unit).map(([learningRate, momentum]): readonly [OptimizerDocument, () => Coordinate] => [
    { kind: 'fedavgm', learningRate, momentum },
    () => {
      let m = 0;
      return (x, delta) => {
        m = momentum * m + delta;
        return x + learningRate * m;
      };
    },
  ]),
  // Reddi et al. take beta1 = 0 for FedAdagrad.
  fc
    .tuple(rate, tau)
    .map(([learningRate, t]): readonly [OptimizerDocument, () => Coordinate] => [
      { kind: 'fedadagrad', learningRate, tau: t },
      () => algorithm2('adagrad', learningRate, 0, 0, t),
    ]),
  fc
    .tuple(fc.constantFrom('adam' as const, 'yogi' as const), rate, unit, unit, tau)
    .map(([rule, learningRate, beta1, beta2, t]): readonly [OptimizerDocument, () => Coordinate] => [
      { kind: `fed${rule}`, learningRate, beta1, beta2, tau: t },
      () => algorithm2(rule, learningRate, beta1, beta2, t),
    ]),
);

const size = 3;
const vector = fc
  .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: size, maxLength: size })
  .map((values) => Float32Array.from(values));
const rounds = fc.array(vector, { minLength: 1, maxLength: 8 });

describe('server optimizers', () => {
  it('take the steps of algorithm 2, coordinate by coordinate, within float32', () => {
    fc.assert(
      fc.property(cases, vector, rounds, ([document, reference], start, directions) => {
        const optimizer = createServerOptimizer(document);
        const coordinates = Array.from({ length: size }, reference);
        let parameters: Float32Array = start;
        let state = optimizer.initialState;
        let expected = Array.from(start);
        for (const direction of directions) {
          ({ parameters, state } = optimizer.step(parameters, direction, state));
          expected = expected.map((x, i) => coordinates[i](x, direction[i]));
        }
        for (const [i, x] of expected.entries()) {
          expect(Math.abs(parameters[i] - x)).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(x)) * directions.length);
        }
      }),
    );
  });

  it('go on alike from a state that was kept as float32', () => {
    fc.assert(
      fc.property(cases, vector, rounds, ([document], start, directions) => {
        const through = (keep: (state: OptimizerState) => OptimizerState) => {
          let optimizer = createServerOptimizer(document);
          let step: OptimizerStep = { parameters: start, state: optimizer.initialState };
          for (const direction of directions) {
            step = optimizer.step(step.parameters, direction, keep(step.state));
            optimizer = createServerOptimizer(document);
          }
          return step;
        };
        const copied = (values: Float32Array | null) => values && new Float32Array(values.slice().buffer);
        const kept = through(({ momentum, second }) => ({ momentum: copied(momentum), second: copied(second) }));
        expect(kept).toEqual(through((state) => state));
      }),
    );
  });

  it('change neither their arguments nor the state that they were given', () => {
    fc.assert(
      fc.property(cases, vector, vector, ([document], start, direction) => {
        const optimizer = createServerOptimizer(document);
        const { state } = optimizer.step(start, direction, optimizer.initialState);
        const before = structuredClone([start, direction, state]);
        const next = optimizer.step(start, direction, state);
        expect([start, direction, state]).toEqual(before);
        expect(next.parameters).not.toBe(start);
      }),
    );
  });

  it('stay where they are when nobody asks for a move and nothing is in motion', () => {
    fc.assert(
      fc.property(cases, vector, ([document], start) => {
        const optimizer = createServerOptimizer(document);
        const { parameters } = optimizer.step(start, new Float32Array(size), optimizer.initialState);
        expect(Array.from(parameters, (x) => x + 0)).toEqual(Array.from(start, (x) => x + 0));
      }),
    );
  });

  it('have the defaults of the paper', () => {
    const document = optimizerSchema.parse({ kind: 'fedadam', learningRate: 0.1 });
    expect(document).toMatchObject({ beta1: 0.9, beta2: 0.99, tau: 1e-3 });
    // One step by hand: m = 0.1, v = 0.99e-6 + 0.01, x = 0.1 * 0.1 / (sqrt(v) + 0.001).
    const { parameters } = createServerOptimizer(document).step(
      Float32Array.of(0),
      Float32Array.of(1),
      createServerOptimizer(document).initialState,
    );
    expect(parameters[0]).toBeCloseTo(0.01 / (Math.sqrt(0.01 + 0.99e-6) + 0.001), 6);
  });
});
