/**
 * Kills a real coordinator with SIGKILL at random instants of a running task, starts it again, and checks after each kill that
 * nothing was lost. Run alone: `tsx --conditions=source test/chaos/kill-coordinator.ts --instants 50`, with `--secure`
 * for the plan `secure`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AgreementOptions, createTributary, memoryStorage, type Tributary } from '@tributary/client';
import { createTask, loadCoordinatorIdentity, loadVerifiedParameters, openStore } from '@tributary/coordinator';
import { historyOf } from '@tributary/model';
import { syntheticCatalogue } from '@tributary/model/data';
import {
  chargedEvents,
  composeEpsilon,
  type Identity,
  memoisedVerify,
  systemRandom,
  verifyLedger,
} from '@tributary/privacy';
import { type AggregationPlan, checkTaskDocument, minimumSecureCohort, type TaskDocument } from '@tributary/protocol';
import { freePort } from '../free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const population = 'crowd';

export interface KillReport {
  readonly instants: number;
  readonly closedRounds: number;
  readonly abandonedRounds: number;
  readonly charges: number;
  readonly versions: number;
  readonly devicesFinished: number;
  /** Kills that interrupted a round. */
  readonly interrupted: number;
}

/** Every claim that does not hold, in words. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError';
}

export async function killCoordinator(options: {
  readonly instants: number;
  readonly devices: number;
  readonly privacy: AggregationPlan;
}): Promise<KillReport> {
  const { instants, devices: deviceCount, privacy } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const task = taskDocument(deviceCount, roundsOf(instants), privacy);
  const data = syntheticCatalogue({ users: deviceCount, items: 120, interactionsPerUser: 20, seed: 11 });
  const devices: Tributary[] = [];
  const verify = memoisedVerify();
  // A round that is killed after its uploads is run again on the same version, by the same devices: there are no others here.
  const agreement: AgreementOptions = { plans: [privacy], secure: { contributionsPerVersion: 1000 } };
  const announced = new Set<string>();
  let coordinator: ChildProcess | null = null;
  try {
    const store = await openStore(folder);
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    await createTask({ store, identity, document: task, catalogue: data.items, now: Date.now });
    await store.close();

    coordinator = await start(folder, port);
    for (let user = 0; user < deviceCount; user++) {
      const device = await createTributary({
        url,
        task: task.task,
        consent: 'granted',
        storage: memoryStorage(),
        verify,
        agreement,
      });
      device.on('version', ({ hash }) => announced.add(hash));
      for (const item of historyOf(data.interactions, user)) {
        await device.track({ type: 'view', itemId: data.items[item].id });
      }
      await device.start();
      devices.push(device);
    }

    let interrupted = 0;
    for (let kill = 0; kill < instants; kill++) {
      await sleep(100 + Math.random() * 1400);
      coordinator.kill('SIGKILL');
      await once(coordinator, 'exit');
      interrupted += await checkStore(folder, identity, task, announced);
      coordinator = await start(folder, port);
    }
    await Promise.all(devices.map((device) => device.finished));
    coordinator.kill('SIGTERM');
    await once(coordinator, 'exit');
    coordinator = null;

    await checkStore(folder, identity, task, announced);
    return await report(folder, task, instants, interrupted, devices.length);
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
    coordinator?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens what the dead process left, checks it, and says whether a round was interrupted. */
async function checkStore(
  folder: string,
  identity: Identity,
  task: TaskDocument,
  announced: ReadonlySet<string>,
): Promise<number> {
  const store = await openStore(folder);
  try {
    const record = await store.task(task.task);
    if (!record) throw new ChaosError('The task is gone.');
    const versions = await store.versions(task.task);
    const hashes = new Set(versions.map(({ version }) => version.hash));
    for (const hash of announced)
      if (!hashes.has(hash)) throw new ChaosError('A version that devices were told of is gone.');
    const current = versions.at(-1);
    if (current?.version.hash !== record.currentVersion)
      throw new ChaosError('The version in force is not the last published.');
    // Throws when a signature or a hash is wrong.
    await loadVerifiedParameters(store, current.version, identity.publicKey);

    const entries = await store.ledger.entries(population);
    const verification = verifyLedger(entries, identity.publicKey);
    if (!verification.ok) throw new ChaosError(`Ledger entry ${verification.seq} ${verification.problem}.`);
    const charges = entries.filter(({ body }) => body.kind === 'charge').length;
    const released = versions.filter(({ origin }) => origin === 'round');
    if (charges < released.length)
      throw new ChaosError(`${released.length} versions were released on ${charges} charges.`);
    const paid = composeEpsilon(chargedEvents(entries), task.privacy.noise?.delta ?? 0, 'pld');
    if ((current.version.epsilon ?? 0) > paid * (1 + 1e-9))
      throw new ChaosError('The version claims more than was charged.');
    if (record.closedRounds !== released.length) {
      throw new ChaosError(`${record.closedRounds} rounds are closed, ${released.length} versions were released.`);
    }
    return (await store.openRounds()).length > 0 ? 1 : 0;
  } finally {
    await store.close();
  }
}

async function report(
  folder: string,
  task: TaskDocument,
  instants: number,
  interrupted: number,
  devicesFinished: number,
): Promise<KillReport> {
  const store = await openStore(folder);
  try {
    const record = await store.task(task.task);
    if (record?.status !== 'completed') throw new ChaosError(`The task is ${record?.status}: ${record?.reason}.`);
    const rounds = await store.rounds(task.task, 1_000_000);
    const entries = await store.ledger.entries(population);
    return {
      instants,
      interrupted,
      closedRounds: record.closedRounds,
      abandonedRounds: rounds.filter(({ outcome }) => outcome === 'abandoned').length,
      charges: entries.filter(({ body }) => body.kind === 'charge').length,
      versions: (await store.versions(task.task)).length,
      devicesFinished,
    };
  } finally {
    await store.close();
  }
}

export const roundsOf = (instants: number) => 4 * instants + 6;

function taskDocument(devices: number, rounds: number, plan: AggregationPlan): TaskDocument {
  const check = checkTaskDocument({
    version: 1,
    task: 'survivor',
    population,
    model: { kind: 'implicit-als', dimension: 8 },
    rounds,
    cohort: {
      target: devices,
      minimum: plan === 'secure' ? minimumSecureCohort : Math.ceil(devices / 2),
      phaseSeconds: 3,
      overSelection: 1,
      selectionSeconds: 2,
      collectionSeconds: 5,
      pauseSeconds: 0.15,
    },
    // Much noise, so that hundreds of rounds fit the budget: what is tested is the count, not the quality.
    privacy: {
      plan,
      clipNorm: 1,
      noise: { mechanism: 'gaussian', noiseMultiplier: 20, delta: 1e-5, budget: 100 },
    },
    // Steps of bounded length, whatever the noise.
    optimizer: { kind: 'fedadam', learningRate: 0.002 },
  });
  if (!check.ok) throw new ChaosError(JSON.stringify(check.problems));
  return check.task;
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--conditions=source', join(root, 'packages/cli/src/main.ts')],
      ...['serve', '--store', folder, '--host', '127.0.0.1', '--port', String(port)],
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TRIBUTARY_ADMIN_TOKEN: 'an-admin-token-for-this-test-0001' },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new ChaosError(`The coordinator did not start again:\n${output}`);
    const healthy = await fetch(`http://127.0.0.1:${port}/health`).then(
      (r) => r.ok,
      () => false,
    );
    if (healthy) return child;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new ChaosError(`The coordinator was not healthy in time:\n${output}`);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--instants');
  const instants = at < 0 ? 50 : Number(process.argv[at + 1]);
  if (!Number.isInteger(instants) || instants < 1) throw new ChaosError('--instants takes a positive integer.');
  const secure = process.argv.includes('--secure');
  const crowd = secure ? { devices: 24, privacy: 'secure' as const } : { devices: 8, privacy: 'sealed' as const };
  console.log(JSON.stringify(await killCoordinator({ instants, ...crowd })));
}
