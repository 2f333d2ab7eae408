/** Clients per second of a simulated round where clients do next to nothing, beside Flower's simulation engine. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { checkTaskDocument } from '@tributary/protocol';
import { simulate } from '@tributary/simulator';
import type { BenchRow } from '../../../bench/bench-row.ts';

const clients = 1000;
const rounds = 5;
const name = 'simulation, 1,000 trivial clients a round';
const target = ">= 10x Flower's simulation engine";

export async function rows(): Promise<BenchRow[]> {
  const workers = Math.min(availableParallelism(), 16);
  const ours = await simulatedClientsPerSecond(workers);
  const flower = await flowerClientsPerSecond(workers);
  const detail = `${Math.round(ours)} clients/s of 100,000 float32 on ${workers} cores`;
  if (typeof flower === 'string') return [{ name, ratio: null, target, ok: null, detail: `${detail}; ${flower}` }];
  const ratio = ours / flower.clientsPerSecond;
  const theirs = `flwr ${flower.version}: ${flower.clientsPerSecond.toFixed(1)} clients/s`;
  return [{ name, ratio, target, ok: ratio >= 10, detail: `${detail}; ${theirs}` }];
}

/** Rounds alone, the first not counted, in which threads load their code. */
async function simulatedClientsPerSecond(workers: number): Promise<number> {
  // 24,990 items of dimension 3: 24,990 x (3 + 1) + 6 numbers in a contribution.
  const dataset = syntheticCatalogue({ users: clients, items: 24_990, interactionsPerUser: 4, seed: 1 });
  const check = checkTaskDocument({
    version: 1,
    task: 'trivial',
    population: 'synthetic',
    model: { kind: 'implicit-als', dimension: 3 },
    rounds: rounds + 1,
    cohort: { target: clients, minimum: clients, overSelection: 1 },
    privacy: { plan: 'sealed', clipNorm: null },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
    evaluation: { federated: false },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  const split = splitLeaveLastOneOut(dataset, { seed: 1 });
  const run = await simulate({ task: check.task, dataset, split, workers, evaluateEvery: 0, centralTwin: false });
  const counted = run.rounds.slice(1);
  const trained = counted.reduce((sum, { contributions }) => sum + contributions, 0);
  return trained / counted.reduce((sum, { seconds }) => sum + seconds.training, 0);
}

/** What Flower does on the same cores, or why it could not be asked. */
async function flowerClientsPerSecond(
  cpus: number,
): Promise<{ readonly clientsPerSecond: number; readonly version: string } | string> {
  const python = process.env.TRIBUTARY_PYTHON ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(python, ['-c', 'import flwr, ray']);
  } catch {
    return `no peer: ${python} has no flwr (pip install 'flwr[simulation]', or name a Python in TRIBUTARY_PYTHON)`;
  }
  const script = fileURLToPath(new URL('./flower_simulation.py', import.meta.url));
  const { stdout } = await run(python, [script, String(clients), '2', '100000', String(cpus)], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { clientsPerSecond: number; version: string };
}
