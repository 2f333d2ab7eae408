/** The plaintext of an upload: float32 little-endian, [contribution | evaluation | weight], dense whatever the device did. */
import { evaluationMetrics, type RoundDescriptor } from '../messages/messages.ts';
import { RefusalError } from '../messages/refusal.ts';

export type PayloadSections = RoundDescriptor['sections'];

export interface DecodedPayload {
  /** All coordinates. */
  readonly vector: Float32Array;
  /** Views of `vector`. */
  readonly contribution: Float32Array;
  readonly evaluation: Float32Array;
  readonly weight: number;
}

/** Sections of a task's uploads: the contribution, the metrics where devices evaluate, the weight. */
export function payloadSections(contribution: number, evaluating: boolean): PayloadSections {
  return { contribution, evaluation: evaluating ? evaluationMetrics.length : 0, weight: 1 };
}

/** What one coordinate of the evaluation section stands for: 1 in a metric becomes this much in the upload. */
export function evaluationUnit(clipNorm: number | null, evaluationScale: number): number {
  return clipNorm === null ? 1 : clipNorm * evaluationScale;
}

export function payloadLength(sections: PayloadSections): number {
  return sections.contribution + sections.evaluation + sections.weight;
}

export function payloadBytes(sections: PayloadSections): number {
  return 4 * payloadLength(sections);
}

/** Bytes of the whole vector, a view of it where the machine is little-endian. @throws RefusalError 'wrong-length' */
export function encodePayload(vector: Float32Array, sections: PayloadSections): Uint8Array {
  if (vector.length !== payloadLength(sections)) {
    throw new RefusalError(
      'wrong-length',
      `The vector has ${vector.length} coordinates; the sections say ${payloadLength(sections)}.`,
    );
  }
  if (littleEndian) return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  const bytes = new Uint8Array(vector.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < vector.length; i++) view.setFloat32(4 * i, vector[i], true);
  return bytes;
}

/** @throws RefusalError 'wrong-length', 'not-finite', 'weight-out-of-range' */
export function decodePayload(bytes: Uint8Array, sections: PayloadSections): DecodedPayload {
  const expected = payloadBytes(sections);
  if (bytes.length !== expected) {
    throw new RefusalError('wrong-length', `The payload has ${bytes.length} bytes; expected ${expected}.`);
  }
  const vector = floats(bytes);
  if (!allFinite(vector)) {
    throw new RefusalError('not-finite', 'The payload holds NaN or infinity; it was not added.');
  }
  const weight = vector[vector.length - 1];
  if (!(weight > 0 && weight <= 1)) {
    throw new RefusalError('weight-out-of-range', 'The weight of a contribution must be above 0 and at most 1.');
  }
  const { contribution, evaluation } = sections;
  return {
    vector,
    contribution: vector.subarray(0, contribution),
    evaluation: vector.subarray(contribution, contribution + evaluation),
    weight,
  };
}

/**
 * The norm to which the contribution itself is clipped, so that the whole vector stays within `clipNorm`: each coordinate of
 * the evaluation section is in [0, evaluationScale * clipNorm].
 */
export function contributionClipNorm(clipNorm: number, evaluationScale: number, evaluating: boolean): number {
  return evaluating ? clipNorm * Math.sqrt(1 - evaluationMetrics.length * evaluationScale ** 2) : clipNorm;
}

/** Zero times a finite number is zero, and NaN times anything is NaN: four sums at a time instead of a branch per number. */
function allFinite(vector: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = vector.length - (vector.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * vector[i];
    b += 0 * vector[i + 1];
    c += 0 * vector[i + 2];
    d += 0 * vector[i + 3];
  }
  for (let i = whole; i < vector.length; i++) a += 0 * vector[i];
  return a + b + c + d === 0;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function floats(bytes: Uint8Array): Float32Array {
  if (littleEndian) {
    // A copy, also of a Buffer, whose slice() is none.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
