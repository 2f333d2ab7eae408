/**
 * One secure round of many devices over real sockets, some of them killed at random: the SDK in several processes, the real
 * coordinator in another. Run alone: `tsx --conditions=source test/scale/secure-crowd.ts --devices 300 --killed 0.1`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTributary, memoryStorage, type Tributary } from '@tributary/client';
import { createCoordinator, loadCoordinatorIdentity, openStore } from '@tributary/coordinator';
import { memoisedVerify, systemRandom } from '@tributary/privacy';
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';

export interface CrowdReport {
  readonly devices: number;
  readonly killed: number;
  readonly outcome: string;
  readonly reason: string;
  readonly contributions: number;
  readonly neighbours: number;
  readonly threshold: number;
  readonly seconds: number;
}

const task = 'crowd';
const items = 200;

/** Most devices are killed once the round is under way, the others before; each process holds some of them. */
export async function secureCrowd(options: {
  readonly devices: number;
  readonly killed: number;
  readonly processes?: number;
  /** What the short phases may take; collecting gets half as much again. */
  readonly phaseSeconds: number;
}): Promise<CrowdReport> {
  const { devices, processes = 2, phaseSeconds } = options;
  const losses = Math.floor(devices * options.killed);
  const folder = mkdtempSync(join(tmpdir(), 'tributary-crowd-'));
  const store = await openStore(folder);
  const identity = await loadCoordinatorIdentity(folder, systemRandom);
  const coordinator = await createCoordinator({ store, identity, host: '127.0.0.1', port: 0 });
  const children: ChildProcess[] = [];
  try {
    await coordinator.createTask(taskDocument(devices, losses, phaseSeconds), catalogue());
    const started = performance.now();
    const doomed = new Set<number>();
    while (doomed.size < losses) doomed.add(randomInt(devices));
    for (let process = 0; process < processes; process++) {
      const own = Array.from({ length: devices }, (_, device) => device).filter((d) => d % processes === process);
      const child = fork(fileURLToPath(import.meta.url), ['--child'], {
        execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=source'],
      });
      child.send({ url: coordinator.url, devices: own, doomed: own.filter((device) => doomed.has(device)) });
      children.push(child);
    }
    let graph = { neighbours: 0, threshold: 0 };
    for (;;) {
      const response = (await (await fetch(`${coordinator.url}/tasks/${task}`)).json()) as {
        live?: { secure?: typeof graph | null } | null;
      };
      graph = response.live?.secure ?? graph;
      const [round] = await store.rounds(task, 1);
      if (round && round.outcome !== 'open') {
        return {
          devices,
          killed: losses,
          outcome: round.outcome,
          reason: round.reason,
          contributions: round.contributions,
          neighbours: graph.neighbours,
          threshold: graph.threshold,
          seconds: (performance.now() - started) / 1000,
        };
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await coordinator.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function catalogue() {
  return Array.from({ length: items }, (_, i) => ({
    id: `sku-${i}`,
    title: `Thing ${i}`,
    attributes: [],
    description: '',
  }));
}

function taskDocument(devices: number, losses: number, phaseSeconds: number): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task,
    population: 'crowd',
    model: { kind: 'implicit-als', dimension: 16 },
    rounds: 1,
    cohort: {
      target: devices,
      minimum: Math.max(20, devices - 2 * losses),
      overSelection: 1,
      selectionSeconds: 120,
      collectionSeconds: 1.5 * phaseSeconds,
      phaseSeconds,
    },
    privacy: { plan: 'secure', clipNorm: 5, secure: { dropout: 0.2 } },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
  });
  if (!check.ok) throw new Error(JSON.stringify(check.problems));
  return check.task;
}

/** Where a doomed device may be at its end. */
const ends = ['keying', 'sharing', 'masking', 'uploading', 'uploaded', 'unmasking'] as const;

async function runDevices({
  url,
  devices,
  doomed,
}: {
  url: string;
  devices: number[];
  doomed: number[];
}): Promise<void> {
  const verify = memoisedVerify();
  const crowd: Tributary[] = [];
  for (const device of devices) {
    const tributary = await createTributary({
      url,
      task,
      consent: 'granted',
      storage: memoryStorage(),
      autoStart: false,
      verify,
      requestTimeoutMilliseconds: 120_000,
    });
    for (let i = 0; i < 12; i++)
      await tributary.track({ type: 'view', itemId: `sku-${(device * 7 + i * 3) % items}`, at: i });
    if (doomed.includes(device)) {
      const end = ends[randomInt(ends.length)];
      tributary.on('round', ({ phase }) => {
        if (phase === end) void tributary.stop();
      });
    }
    crowd.push(tributary);
  }
  for (const tributary of crowd) tributary.start();
}

if (process.argv.includes('--child')) {
  process.on('message', (message) => void runDevices(message as Parameters<typeof runDevices>[0]));
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name: string, usual: number) => {
    const at = process.argv.indexOf(name);
    return at < 0 ? usual : Number(process.argv[at + 1]);
  };
  console.log(
    JSON.stringify(
      await secureCrowd({
        devices: option('--devices', 300),
        killed: option('--killed', 0.1),
        phaseSeconds: option('--phase-seconds', 25),
      }),
    ),
  );
}
