import { EngineError } from '../engine-error.ts';

/**
 * What TensorFlow threw, as an engine says it: 'out-of-memory' or 'lost'. Its binding gives a status (8 is RESOURCE_EXHAUSTED of
 * absl::StatusCode) on a line of its own; what TensorFlow.js cannot allocate by itself is a RangeError.
 */
export function tensorflowError(cause: unknown): EngineError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = saidBy(text);
  if (cause instanceof RangeError || /TF_Status: 8\b|\bOOM\b/.test(text)) {
    return new EngineError('out-of-memory', `TensorFlow has no memory for the sum: ${reason}.`, { cause });
  }
  return new EngineError('lost', `TensorFlow failed: ${reason}.`, { cause });
}

/** The line that tells people something, without its full stop. */
export function saidBy(text: string): string {
  const [first, ...rest] = text.split('\n');
  const message = rest.find((line) => line.startsWith('Message: '))?.slice('Message: '.length) ?? first;
  return message.replace(/\.$/, '');
}
