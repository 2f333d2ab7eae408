/** A secure round of real machines that stops where an attack begins: what is sent can be looked at, kept back and changed. */
import {
  type Advance,
  type CoordinatorMessage,
  createSecureServer,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceState,
  deviceTransition,
  maskVector,
  memoisedVerify,
  SecureAggregationError,
  type SecureServer,
  sha256,
  startDevice,
} from '@tributary/privacy';
import { type Rehearsal, type RehearsalDevice, rehearse } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';

export const sections = [
  { length: 64, bits: 20 },
  { length: 7, bits: 32 },
];

export interface StagedDevice {
  readonly device: RehearsalDevice;
  state: DeviceState;
  effects: readonly DeviceEffect[];
}

/** What the coordinator was to deliver: change it, or null to keep it back. */
export type Change = (device: string, message: CoordinatorMessage) => CoordinatorMessage | null;

export interface Stage {
  readonly rehearsal: Rehearsal;
  readonly server: SecureServer;
  readonly devices: ReadonlyMap<string, StagedDevice>;
  readonly ids: readonly string[];
  /** The messages of the last phase that ended, as the honest coordinator would have sent them. */
  messages: Advance['messages'];
  /** Delivers them. @throws SecureAggregationError of the first device that refuses */
  deliver(change?: Change): void;
  /** Delivers to one device; the error that it leaves the round with, or null. */
  deliverTo(device: string, message: CoordinatorMessage): SecureAggregationError | null;
  /** Every device says what it has to say now. */
  answer(): void;
  /** Ends the phase at the coordinator. */
  advance(): void;
  /** Masks and uploads of all devices that have been dealt to. Their vectors. */
  upload(): Map<string, Uint8Array>;
}

/** Everybody has sent keys, and the coordinator has closed the roster: `messages` are to be delivered. */
export function stage(options: Partial<Parameters<typeof rehearse>[0]> = {}): Stage {
  const rehearsal = rehearse({
    n: 24,
    sections,
    seed: 1,
    minimum: 20,
    policy: { minimumRoster: 20, openedFraction: 5000 },
    ...options,
  });
  const { round, coordinator, policy, random, proofOf } = rehearsal;
  const verify = memoisedVerify();
  const server = createSecureServer({
    round,
    coordinator,
    devices: rehearsal.devices.map(({ id }) => id),
    proofOf,
    verify,
  });
  const devices = new Map<string, StagedDevice>();
  for (const device of rehearsal.devices) {
    const { state, message } = startDevice({ round, policy, identity: device.identity, random, verify });
    devices.set(device.id, { device, state, effects: [] });
    server.receive(device.id, 'keys', message);
  }
  const step = (id: string, message: CoordinatorMessage) => {
    const one = devices.get(id);
    if (!one) return;
    const next = deviceTransition(one.state, { kind: message.name, message: message.message } as DeviceEvent, random);
    one.state = next.state;
    one.effects = [...one.effects, ...next.effects];
  };
  const stage: Stage = {
    rehearsal,
    server,
    devices,
    ids: [...devices.keys()],
    messages: server.advance().messages,
    deliver(change = (_, message) => message) {
      for (const [id, list] of stage.messages) {
        const one = devices.get(id);
        if (one) one.effects = [];
        for (const message of list) {
          const changed = change(id, message);
          if (changed) step(id, changed);
        }
      }
    },
    deliverTo(id, message) {
      try {
        step(id, message);
        return null;
      } catch (error) {
        if (error instanceof SecureAggregationError) return error;
        throw error;
      }
    },
    answer() {
      for (const [id, { effects }] of devices) {
        for (const effect of effects) if (effect.kind === 'send') server.receive(id, effect.name, effect.message);
      }
    },
    advance() {
      stage.messages = server.advance().messages;
    },
    upload() {
      const vectors = new Map<string, Uint8Array>();
      for (const [id, one] of devices) {
        const mask = one.effects.find((effect) => effect.kind === 'mask');
        if (!mask) continue;
        const vector = maskVector(one.device.values, sections, mask.masks);
        const next = deviceTransition(one.state, { kind: 'masked', vectorHash: sha256(vector) }, random);
        one.state = next.state;
        one.effects = next.effects;
        const upload = next.effects.find((effect) => effect.kind === 'upload');
        if (!upload) throw new Error('A masked vector has its statement.');
        server.uploaded(id, upload.statement, sha256(vector));
        vectors.set(id, vector);
      }
      return vectors;
    },
  };
  return stage;
}

/** Up to the point where shares are dealt: `messages` tell who dealt. */
export function dealt(options: Parameters<typeof stage>[0] = {}): Stage {
  const at = stage(options);
  at.deliver();
  at.answer();
  at.advance();
  if (at.server.phase === 'shares') {
    at.deliver();
    at.answer();
    at.advance();
  }
  return at;
}

/** Up to the point where all have uploaded: `messages` tell who survived. */
export function uploaded(
  options: Parameters<typeof stage>[0] = {},
): Stage & { readonly vectors: Map<string, Uint8Array> } {
  const at = dealt(options);
  at.deliver();
  const vectors = at.upload();
  at.advance();
  return Object.assign(at, { vectors });
}

/** Up to the point where all have acknowledged: `messages` carry the acknowledgements. */
export function acknowledged(options: Parameters<typeof stage>[0] = {}): Stage {
  const at = uploaded(options);
  at.deliver();
  at.answer();
  at.advance();
  return at;
}

/** The message of that name to a device. */
export function messageTo<Name extends CoordinatorMessage['name']>(
  at: Stage,
  device: string,
  name: Name,
): Extract<CoordinatorMessage, { name: Name }> {
  const found = at.messages.get(device)?.find((message) => message.name === name);
  if (!found) throw new Error(`There is no '${name}' for the device.`);
  return found as Extract<CoordinatorMessage, { name: Name }>;
}
