/** JSON of a model's folder, which anybody may have written. */
import { EncoderError } from './error.ts';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws EncoderError 'malformed' where the text is not a JSON object */
export function parseJsonObject(file: string, text: string): Record<string, unknown> {
  let value: unknown;
  let cause: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    cause = error;
  }
  if (isRecord(value)) return value;
  throw new EncoderError(
    {
      code: 'malformed',
      problem: `${file} is not a JSON object`,
      expected: 'the file as Hugging Face writes it',
      remedy: 'Download the model again.',
    },
    { cause },
  );
}
