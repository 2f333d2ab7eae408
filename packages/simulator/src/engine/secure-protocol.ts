/**
 * One secure round with all its cryptography, in process: every device is the machine that real devices run, the coordinator is
 * the real one. Training and masking go to the worker threads; vectors are added as they come and forgotten, so that memory is
 * O(threads x model) beside the keys and shares of the cohort.
 */
import { type ModularSum, openCpuEngine, unmask } from '@tributary/coordinator/aggregation';
import { OpeningError } from '@tributary/coordinator/release';
import { type IntegerNoise, type OpenedSum, readSecureSum, secureRoundOf } from '@tributary/coordinator/round';
import {
  type Advance,
  bytesToHex,
  createSecureServer,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceMessages,
  type DeviceState,
  deviceTransition,
  hexToBytes,
  type Identity,
  type MaskSeed,
  memoisedReadRoster,
  memoisedVerify,
  packedSections,
  SecureAggregationError,
  type SecureRandom,
  type SecureServer,
  type SecurityPolicy,
  sha256,
  startDevice,
  wipeDevice,
} from '@tributary/privacy';
import { type RoundDescriptorFields, roundHash } from '@tributary/protocol';
import { type LostBefore, lossPhases, type SecureAttendance } from './attendance.ts';
import { sumInChunks } from './chunks.ts';
import type { SecurePopulation } from './secure-population.ts';
import type { MaskOutcome } from './worker-setting.ts';

export type SecureRoundOutcome =
  | {
      readonly kind: 'masked';
      readonly contributions: number;
      readonly lossSum: number;
      readonly clipped: number;
      /** Devices whose keys are in the roster. */
      readonly roster: number;
      readonly neighbours: number;
      readonly threshold: number;
      /** Takes the masks off; to be called after the charge. @throws OpeningError */
      readonly open: (noise: IntegerNoise | null) => Promise<OpenedSum>;
    }
  /** Too few devices were left at some phase; nothing of the sum can be known. */
  | { readonly kind: 'abandoned'; readonly reason: string };

interface Device {
  readonly user: number;
  readonly id: string;
  state: DeviceState;
  effects: readonly DeviceEffect[];
}

export async function runSecureProtocol(options: {
  readonly descriptor: RoundDescriptorFields;
  readonly population: string;
  readonly people: SecurePopulation;
  readonly coordinator: Identity;
  readonly attendance: Pick<SecureAttendance, 'users' | 'lostBefore'>;
  readonly random: SecureRandom;
  /** Trains, encodes and masks one device's vector, on another thread. */
  readonly mask: (user: number, masks: readonly MaskSeed[]) => Promise<MaskOutcome>;
  /** Vectors that are made at the same time. */
  readonly concurrency: number;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<SecureRoundOutcome> {
  const { descriptor, population, people, coordinator, attendance, random, mask, concurrency, onProgress } = options;
  const round = secureRoundOf(descriptor, coordinator.publicKey, population);
  const verify = memoisedVerify(8 * attendance.users.length + 1024);
  const readRoster = memoisedReadRoster();
  const idOf = (user: number) => bytesToHex(people.identities[user].publicKey);
  const server = createSecureServer({
    round,
    coordinator,
    devices: Array.from(attendance.users, idOf),
    proofOf: people.proofOf,
    verify,
  });
  const policy: SecurityPolicy = {
    minimumRoster: round.minimum,
    corrupt: round.corrupt,
    security: 40,
    openedFraction: 5000,
    openedMinimum: descriptor.noisePlacement === 'distributed' ? (descriptor.secure?.noise?.noises ?? 0) : 0,
  };
  const devices = new Map<string, Device>();
  const isLost = (user: number, before: LostBefore) => {
    const lost = attendance.lostBefore.get(user);
    return lost !== undefined && lossPhases.indexOf(lost) <= lossPhases.indexOf(before);
  };

  function start(): void {
    for (const user of attendance.users) {
      if (isLost(user, 'keys')) continue;
      const id = idOf(user);
      const { state, message } = startDevice({
        round,
        policy,
        identity: people.identities[user],
        random,
        verify,
        readRoster,
      });
      devices.set(id, { user, id, state, effects: [] });
      server.receive(id, 'keys', message);
    }
  }

  function forget(device: Device): void {
    wipeDevice(device.state);
    devices.delete(device.id);
  }

  /** Why devices left the round by themselves: what they were shown did not satisfy them. */
  const left: string[] = [];

  function leave(device: Device, reason: SecureAggregationError): void {
    left.push(reason.message);
    server.exclude(device.id);
    forget(device);
  }

  function deliver(advance: Advance): void {
    forgetExcluded(advance);
    for (const device of [...devices.values()]) show(device, advance);
  }

  function forgetExcluded({ excluded }: Advance): void {
    for (const id of excluded.keys()) {
      const device = devices.get(id);
      if (device) forget(device);
    }
  }

  /** What the phase has for one device. Whether it is still in the round. */
  function show(device: Device, { messages }: Advance): boolean {
    device.effects = [];
    try {
      for (const { name, message } of messages.get(device.id) ?? []) {
        step(device, { kind: name, message } as DeviceEvent);
      }
      return true;
    } catch (error) {
      if (!(error instanceof SecureAggregationError)) throw error;
      leave(device, error);
      return false;
    }
  }

  function step(device: Device, event: DeviceEvent): void {
    const next = deviceTransition(device.state, event, random);
    device.state = next.state;
    device.effects = [...device.effects, ...next.effects];
  }

  function answer(before: LostBefore): void {
    for (const device of [...devices.values()]) {
      if (isLost(device.user, before)) forget(device);
      else for (const effect of device.effects) if (effect.kind === 'send') send(device, effect);
    }
  }

  function send({ id }: Device, { name, message }: Extract<DeviceEffect, { kind: 'send' }>): void {
    server.receive(id, name, message as DeviceMessages[typeof name]);
  }

  const engine = openCpuEngine();
  const sum = engine.createModularSum(round.sections);
  /** By user: they finish in any order. */
  const losses = new Map<number, number>();
  let clipped = 0;

  /** Shares are opened and masks derived device by device, while the threads mask for others. */
  async function upload(device: Device, dealt: Advance): Promise<void> {
    if (!show(device, dealt)) return;
    const masks = device.effects.find((effect) => effect.kind === 'mask')?.masks ?? [];
    const outcome = await mask(device.user, masks);
    const vectorHash = sha256(outcome.vector);
    device.effects = [];
    step(device, { kind: 'masked', vectorHash });
    const statement = device.effects.find((effect) => effect.kind === 'upload')?.statement;
    if (!statement) throw new TypeError('A masked vector has its statement.');
    server.uploaded(device.id, statement, vectorHash);
    sum.addPacked(packedSections(outcome.vector, round.sections));
    losses.set(device.user, outcome.lossSum);
    clipped += outcome.clipped;
  }

  try {
    start();
    deliver(server.advance());
    if (server.phase === 'neighbours') {
      answer('neighbours');
      deliver(server.advance());
    }
    answer('shares');
    const dealt = server.advance();
    forgetExcluded(dealt);
    for (const device of [...devices.values()]) if (isLost(device.user, 'upload')) forget(device);
    await inParallel([...devices.values()], concurrency, (device) => upload(device, dealt), onProgress);
    const contributions = devices.size;
    deliver(server.advance());
    answer('acknowledge');
    deliver(server.advance());
    answer('reveal');
    server.advance();
    const { degree: neighbours = 0, threshold = 0 } = server.graph ?? {};
    return {
      kind: 'masked',
      contributions,
      lossSum: sumInChunks([...losses].sort(([a], [b]) => a - b).map(([, loss]) => loss)),
      clipped,
      roster: server.rosterSize,
      neighbours,
      threshold,
      open: (noise) => openSum(server, sum, descriptor, noise).finally(() => engine.close()),
    };
  } catch (error) {
    await engine.close();
    if (!(error instanceof SecureAggregationError)) throw error;
    const others = left.length === 0 ? '' : ` ${left.length} devices had left by themselves; the first: ${left[0]}`;
    return { kind: 'abandoned', reason: `${error.message}${others}` };
  } finally {
    for (const device of devices.values()) wipeDevice(device.state);
  }
}

async function openSum(
  server: SecureServer,
  sum: ModularSum,
  descriptor: RoundDescriptorFields,
  noise: IntegerNoise | null,
): Promise<OpenedSum> {
  try {
    const sums = await unmask(sum, server.opening().masks);
    return readSecureSum(sums, descriptor, hexToBytes(roundHash(descriptor)), noise);
  } catch (error) {
    if (error instanceof SecureAggregationError) throw new OpeningError(error.message, { cause: error });
    throw error;
  }
}

/** The work on every item, so many at a time. */
async function inParallel<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let [next, done] = [0, 0];
  const worker = async () => {
    while (next < items.length) {
      const item = items[next++];
      await work(item);
      done += 1;
      onProgress(done, items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
