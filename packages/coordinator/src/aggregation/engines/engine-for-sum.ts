/** Which engine adds which sums of a round. */
import type { EngineName } from './engine.ts';

/** Of masked vectors, or of float32 ones. */
export type SumKind = 'modular' | 'float';

/**
 * What each engine beside the host takes over. TensorFlow has no sums of integers that wrap; a GPU behind a bus gains nothing by float32
 * sums, as adding is bound by the memory that the vectors are in.
 */
const sumsOf: Readonly<Record<EngineName, SumKind | null>> = { cpu: null, webgpu: 'modular', tensorflow: 'float' };

/** Whether the engine beside the host has a part in sums of the kind; the host adds all others. */
export const takesOver = (engine: EngineName, kind: SumKind): boolean => sumsOf[engine] === kind;
