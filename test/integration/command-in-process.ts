/** Runs one command line in this process, for tests of what a command says and how it ends. */
import { exitCodes, run } from '../../packages/cli/src/index.ts';

export { exitCodes };

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** @param env of the command alone */
export async function commandLine(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  let out = '';
  let error = '';
  const code = await run(words, {
    env,
    // A command that should have failed and serves instead is ended.
    signal: AbortSignal.timeout(20_000),
    streams: {
      out: {
        write(text: string) {
          out += text;
        },
      },
      error: {
        write(text: string) {
          error += text;
        },
      },
    },
  });
  return { code, out, error };
}

/** The JSON document on the last line of standard output. */
export function documentOf({ out }: Ended): unknown {
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
}
