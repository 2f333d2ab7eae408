export type { BenchmarkKind, EngineBenchmark } from './benchmark-engine.ts';
export { chooseRoundEngine } from './choose-round-engine.ts';
export * from './cpu/cpu-engine.ts';
export * from './engine.ts';
export * from './engine-error.ts';
export { openEngine } from './open-engine.ts';
export type { EngineOpeners } from './openers.ts';
export { type ProbedEngine, type ProbeOptions, probeEngines } from './probe-engines.ts';
export * from './round-engines.ts';
