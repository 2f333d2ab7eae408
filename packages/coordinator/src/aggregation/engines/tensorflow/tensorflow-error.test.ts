import { describe, expect, it } from 'vitest';
import { tensorflowError } from './tensorflow-error.ts';

/** As @tensorflow/tfjs-node 4.22 threw them. */
const exhausted = `Invalid TF_Status: 8
Message: OOM when allocating tensor with shape[1900000000] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu`;
const invalid = 'Invalid TF_Status: 3\nMessage: Dimension -2147483648 must be >= 0';

describe('what TensorFlow throws', () => {
  it.each([
    ['out-of-memory', new Error(exhausted), 'OOM when allocating tensor with shape[1900000000]'],
    ['out-of-memory', new RangeError('Array buffer allocation failed'), 'Array buffer allocation failed.'],
    ['lost', new Error(invalid), 'TensorFlow failed: Dimension -2147483648 must be >= 0.'],
    ['lost', 'words', 'TensorFlow failed: words.'],
  ])('is an engine’s %s', (code, cause, message) => {
    const error = tensorflowError(cause);
    expect(error).toMatchObject({ name: 'EngineError', code, cause });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('TF_Status');
  });
});
