/** A device of a secure round as tests of the coordinator want it: the real machine over a real socket, which may vanish anywhere. */
import {
  type DeviceEffect,
  type DeviceEvent,
  type DeviceMessages,
  type DeviceState,
  deviceTransition,
  encodeSection,
  maskVector,
  type SecureRound,
  type SecurityPolicy,
  sha256,
  startDevice,
  systemRandom,
  type UploadStatement,
} from '@tributary/privacy';
import { type RoundDescriptor, uploadChunks } from '@tributary/protocol';
import { encodingsOf, secureRoundOf } from '../round/secure-plan.ts';
import type { RawDevice } from './raw-device.ts';

export type SecureStep = keyof DeviceMessages | 'upload';

export const testPolicy: SecurityPolicy = {
  minimumRoster: 20,
  corrupt: 500,
  security: 40,
  openedFraction: 0,
  openedMinimum: 2,
};

export interface SecureParticipant {
  readonly device: RawDevice;
  readonly round: SecureRound;
  /** The device's integers, one array for each section, as they are before they are masked. */
  readonly values: readonly Uint32Array[];
  /** The masked vector, once there is one. */
  readonly masked: Uint8Array | null;
  /** Sends its keys. @throws RefusalError */
  start(): Promise<void>;
  /** Waits for what the coordinator says next, and answers it, until `step` is to be sent; that is left unsent. */
  runTo(step: SecureStep | 'end'): Promise<void>;
  /** Sends what was left unsent, perhaps changed. @throws RefusalError */
  send(change?: (message: DeviceMessages[keyof DeviceMessages]) => object): Promise<void>;
  /** Uploads the masked vector that was left unsent, perhaps changed, with its statement. @throws RefusalError */
  upload(change?: { readonly bytes?: Uint8Array; readonly statement?: Partial<UploadStatement> | null }): Promise<void>;
  /** Goes on over another connection. */
  over(device: RawDevice): void;
}

/**
 * @param vector [contribution | evaluation in [0, 1] each | weight]
 * @param spoil changes the masked vector before the device hashes and signs it
 */
export function secureParticipant(
  first: RawDevice,
  descriptor: RoundDescriptor,
  population: string,
  vector: Float32Array,
  spoil: (masked: Uint8Array, round: SecureRound) => void = () => undefined,
): SecureParticipant {
  const round = secureRoundOf(descriptor, first.challenge.coordinatorKey, population);
  const { secure, sections } = descriptor;
  if (!secure) throw new Error('The round is sealed.');
  const encodings = encodingsOf({ ...descriptor, secure });
  const parts = [vector.slice(0, sections.contribution), vector.slice(sections.contribution)];
  const values = encodings.map((encoding, i) => encodeSection(parts[i], encoding, round.roundHash, systemRandom));
  let device = first;
  let state: DeviceState | null = null;
  let unsent: { readonly name: keyof DeviceMessages; readonly message: DeviceMessages[keyof DeviceMessages] } | null =
    null;
  let masked: Uint8Array | null = null;
  let unsentUpload: { readonly bytes: Uint8Array; readonly statement: UploadStatement } | null = null;
  /** What comes from the coordinator, in order. */
  const expected: DeviceEvent['kind'][] = ['roster', 'neighbourKeys', 'dealt', 'survivors', 'acknowledgements'];

  /** Carries out effects; messages and the upload are kept for `send` and `upload`. */
  function carryOut(effects: readonly DeviceEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') unsent = effect;
      if (effect.kind === 'mask') {
        // The values are kept for the test; masking consumes what it is given.
        const copies = values.map((section) => section.slice());
        masked = maskVector(copies, round.sections, effect.masks);
        spoil(masked, round);
        step({ kind: 'masked', vectorHash: sha256(masked) });
      }
      if (effect.kind === 'upload' && masked) unsentUpload = { bytes: masked, statement: effect.statement };
    }
  }

  function step(event: DeviceEvent): void {
    if (!state) throw new Error('The device has not sent its keys.');
    const made = deviceTransition(state, event, systemRandom);
    state = made.state;
    carryOut(made.effects);
  }

  const waiting = (): SecureStep | null => (unsentUpload ? 'upload' : (unsent?.name ?? null));

  const participant: SecureParticipant = {
    get device() {
      return device;
    },
    get masked() {
      return masked;
    },
    round,
    values,
    async start() {
      const started = startDevice({ round, policy: testPolicy, identity: device.identity, random: systemRandom });
      ({ state } = started);
      unsent = { name: 'keys', message: started.message };
      await participant.send();
    },
    async runTo(until) {
      for (;;) {
        const next = waiting();
        if (next !== null && next === until) return;
        if (next === 'upload') await participant.upload();
        else if (next !== null) await participant.send();
        else {
          const kind = expected.shift();
          if (!kind) return;
          const { round: _, ...message } = await device.next(kind as 'roster');
          step({ kind, message } as DeviceEvent);
        }
      }
    },
    async send(change = (message) => message) {
      if (!unsent) throw new Error('There is nothing to send.');
      const { name, message } = unsent;
      await device.request(name, { round: descriptor.round, ...change(message) } as never);
      unsent = null;
    },
    async upload({ bytes = unsentUpload?.bytes, statement = unsentUpload?.statement } = {}) {
      if (!unsentUpload || !bytes) throw new Error('There is nothing to upload.');
      const announced = statement === null ? null : { ...unsentUpload.statement, ...statement };
      const opening = { round: descriptor.round, bytes: bytes.length, sha256: sha256(bytes), statement: announced };
      const { offset } = await device.request('uploadOpen', opening);
      for (const chunk of uploadChunks(bytes, offset)) {
        await device.request('uploadChunk', { round: descriptor.round, ...chunk });
      }
      await device.request('uploadClose', { round: descriptor.round });
      unsentUpload = null;
    },
    over(other) {
      device = other;
    },
  };
  return participant;
}
