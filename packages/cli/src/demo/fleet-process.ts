/**
 * A process that holds some of a demo's devices. Each is a full SDK instance with a storage and an identity of its own; they
 * share the process and nothing else. The process ends with the demo: when it is told to, or when the channel closes.
 */
import {
  createModelCache,
  createTributary,
  memoryStorage,
  type Tributary,
  type TributaryEvents,
} from '@tributary/client';
import { memoisedVerify } from '@tributary/privacy';
import type { FleetCommand, FleetDevice, FleetReport } from './fleet-messages.ts';

const instances = new Map<number, Tributary>();
/** Each device downloads and verifies its own bytes; what is computed from equal bytes is held once. */
const modelCache = createModelCache({ capacity: 2, downloads: 'each' });
/** Each device checks every signature that it is shown; one that was checked before is not computed again. */
const verify = memoisedVerify();
const traffic = { up: 0, modelsDown: 0, cataloguesDown: 0, contributions: 0 };
/** Devices that have been available for rounds. */
const joined = new Set<number>();

function report(message: FleetReport): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

type StartCommand = Extract<FleetCommand, { kind: 'start' }>;

async function createDevice(command: StartCommand, { device, itemIds }: FleetDevice): Promise<Tributary> {
  const tributary = await createTributary({
    url: command.url,
    task: command.task,
    consent: 'granted',
    storage: memoryStorage(),
    coordinatorKey: command.coordinatorKey,
    modelCache,
    verify,
    agreement: { plans: [command.plan] },
    autoStart: false,
  });
  for (const [place, itemId] of itemIds.entries()) await tributary.track({ type: 'view', itemId, at: place });
  tributary.on('progress', countTraffic());
  tributary.on('round', ({ phase }) => {
    if (phase === 'uploaded') traffic.contributions++;
  });
  tributary.on('state', ({ state }) => {
    if (state !== 'waiting' || joined.has(device)) return;
    joined.add(device);
    report({ kind: 'joined', devices: joined.size });
  });
  tributary.on('error', ({ code, message }) => report({ kind: 'failed', device, message: `${code}: ${message}` }));
  return tributary;
}

async function startDevices(command: StartCommand): Promise<void> {
  for (const device of command.devices) instances.set(device.device, await createDevice(command, device));
  for (const tributary of instances.values()) tributary.start();
  await Promise.all([...instances.values()].map(({ finished }) => finished));
  report({ kind: 'ended', traffic });
}

/** Adds what is new since the last progress of the same transfer; a new one begins where the last was complete. */
function countTraffic() {
  const last = { model: 0, catalogue: 0, update: 0 };
  return ({ kind, transferred, total }: TributaryEvents['progress']) => {
    const added = Math.max(0, transferred - last[kind]);
    last[kind] = transferred < total ? transferred : 0;
    if (kind === 'update') traffic.up += added;
    else if (kind === 'model') traffic.modelsDown += added;
    else traffic.cataloguesDown += added;
  };
}

async function answer(command: FleetCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      return startDevices(command);
    case 'recommend': {
      const found = await instances.get(command.device)?.recommend({ count: command.count });
      const items = (found?.items ?? []).map(({ id, score }) => ({ id, score }));
      report({ kind: 'recommended', device: command.device, items });
      return;
    }
    case 'stop':
      await Promise.all([...instances.values()].map((tributary) => tributary.stop()));
      process.exit(0);
  }
}

// Ctrl-C reaches the whole group; the demo decides when its devices stop.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  answer(message as FleetCommand).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
});
