import type { RunResult } from './run-result.ts';
/** A self-contained page. */
export async function reportHtml(result: RunResult): Promise<string> {
  return JSON.stringify(result);
}
