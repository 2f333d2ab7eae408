import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that the same code has the same answer. `TRIBUTARY_PROPERTY_SEED=any` looks
 * for new cases, and a number repeats one run's; `TRIBUTARY_PROPERTY_RUNS` draws that many cases a property.
 */
const seed = process.env.TRIBUTARY_PROPERTY_SEED ?? '20261125';
const runs = process.env.TRIBUTARY_PROPERTY_RUNS;

fc.configureGlobal({
  ...(seed === 'any' ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
