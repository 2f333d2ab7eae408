/** What an encoder needs of a device's memory, known before anything is loaded. */
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { weightCount } from '../network/required-weights.ts';

export interface MemoryOptions {
  /** With the way back through all layers. */
  readonly training: boolean;
  /** Tokens of a pass, with padding; 128 by default. */
  readonly tokensPerBatch?: number;
}

/**
 * Bytes of tensors at the peak: weights once, and a pass of `tokensPerBatch` tokens in texts of up to 128. An upper estimate: on the
 * way forward one layer's states live at a time, on the way back what every layer keeps.
 */
export function requiredBytes(
  configuration: EncoderConfiguration,
  { training, tokensPerBatch = 128 }: MemoryOptions,
): number {
  const { hiddenSize, intermediateSize, heads, layers } = configuration;
  const length = Math.min(128, configuration.maximumPositions);
  const layer = 36 * hiddenSize + 8 * intermediateSize + 6 * heads * length;
  // One layer more than are kept: the one that is being computed.
  const states = tokensPerBatch * layer * (training ? layers + 1 : 1);
  return 4 * (weightCount(configuration) + states);
}

/** @throws EncoderError 'too-little-memory' where a device's limit [bytes] is below what is needed */
export function checkMemory(configuration: EncoderConfiguration, options: MemoryOptions, limit: number): void {
  const needed = requiredBytes(configuration, options);
  if (needed <= limit) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new EncoderError({
    code: 'too-little-memory',
    problem: `${options.training ? 'training through' : 'running'} this encoder takes about ${mebibytes(needed)} of memory`,
    expected: `at most ${mebibytes(limit)}`,
    remedy: options.training
      ? 'Take the plan that encodes texts once (cheap), adapt only the last layers, or choose a smaller encoder.'
      : 'Choose a smaller encoder, or encode on another machine.',
  });
}
