/** What dp-accounting takes for a privacy loss distribution on the same machine, asked of a Python that has it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface AccountedPlan {
  readonly rate: number;
  readonly noiseMultiplier: number;
  readonly steps: number;
  readonly delta: number;
}

export interface AccountingSeconds {
  /** Wall-clock seconds of one composition and one epsilon, the fastest of `turns`. */
  readonly seconds: number;
  readonly epsilon: number;
  readonly version: string;
}

/** The seconds, or why they could not be measured. @throws where dp-accounting is there and fails */
export async function dpAccounting(plan: AccountedPlan, turns: number): Promise<AccountingSeconds | string> {
  const python = process.env.TRIBUTARY_DP_PYTHON ?? process.env.TRIBUTARY_PYTHON ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(python, ['-c', 'import dp_accounting']);
  } catch {
    return `NO PEER: ${python} has no dp_accounting (pip install dp-accounting, or name a Python in TRIBUTARY_DP_PYTHON)`;
  }
  const script = fileURLToPath(new URL('../packages/privacy/bench/dp_accounting_pld.py', import.meta.url));
  const { rate, noiseMultiplier, steps, delta } = plan;
  const { stdout } = await run(python, [script, `${rate}`, `${noiseMultiplier}`, `${steps}`, `${delta}`, `${turns}`]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as AccountingSeconds;
}
