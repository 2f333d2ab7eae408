/** What Flower's SecAgg+ functions take on the same machine, asked of a Python that has them. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** CPU seconds. */
export interface FlowerSeconds {
  /** One device's shares, boxes, agreements, quantisation and masks. */
  readonly client: number;
  /** One secret put together from shares, of a device that uploaded, and of one that did not. */
  readonly combineSelf: number;
  readonly combineKey: number;
  /** One mask expanded and taken off; pairwise, with the agreement behind it. */
  readonly selfMask: number;
  readonly pairwiseMask: number;
  readonly version: string;
}

export interface FlowerCounts {
  readonly parameters: number;
  /** Of each secret; Flower gives the device itself one of them. */
  readonly shares: number;
  readonly threshold: number;
}

/** The seconds, or why they could not be measured. @throws where Flower is there and fails */
export async function flowerSecagg({ parameters, shares, threshold }: FlowerCounts): Promise<FlowerSeconds | string> {
  const python = process.env.TRIBUTARY_FLWR_PYTHON ?? process.env.TRIBUTARY_PYTHON ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(python, ['-c', 'import flwr']);
  } catch {
    return `NO PEER: ${python} has no flwr (pip install flwr, or name a Python in TRIBUTARY_FLWR_PYTHON)`;
  }
  const script = fileURLToPath(new URL('../packages/privacy/bench/flower_secagg.py', import.meta.url));
  const { stdout } = await run(python, [script, `${parameters}`, `${shares}`, `${threshold}`]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FlowerSeconds;
}
