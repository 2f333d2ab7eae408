/**
 * Where a command's words go. Results stand on standard output, everything else on standard error. With `--json`, standard
 * output has one JSON document as its last line and nothing else, and the results for people go to standard error too.
 */
import { type Progress, type ProgressStream, startProgress } from './progress.ts';

export interface OutputStreams {
  readonly out: ProgressStream;
  readonly error: ProgressStream;
}

export interface Output {
  readonly json: boolean;
  /** A result for people. */
  result(text: string): void;
  /** A remark on the way. */
  note(text: string): void;
  /** The result for programs; written with `--json` only, in one line. */
  data(value: unknown): void;
  progress(title: string, total: number): Progress;
}

export function createOutput(json: boolean, streams: OutputStreams): Output {
  const { out, error } = streams;
  return {
    json,
    result: (text) => void (json ? error : out).write(`${text}\n`),
    note: (text) => void error.write(`${text}\n`),
    data: (value) => {
      if (json) out.write(`${JSON.stringify(value)}\n`);
    },
    progress: (title, total) => startProgress(error, title, total),
  };
}
