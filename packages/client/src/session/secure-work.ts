/**
 * One device's work on one secure round: the machine of `@tributary/privacy` driven over connections. Keys are in memory alone: a
 * restart of the app ends the round for the device. A lost connection does not: the coordinator shows its messages again, and the
 * device sends its own again, byte for byte.
 */
import {
  type DeviceEffect,
  type DeviceEvent,
  type DeviceState,
  deviceTransition,
  type MaskSeed,
  maskVector,
  type SecureRound,
  sha256,
  startDevice,
  wipeDevice,
} from '@tributary/privacy';
import { type Content, type RoundDescriptor, throwIfAborted } from '@tributary/protocol';
import { spendOf } from '../agreement/check-noise.ts';
import type { RoundPhase, TributaryEvents } from '../sdk/events.ts';
import { yieldToEventLoop } from './backoff.ts';
import type { Connection } from './connection.ts';
import type { SessionContext } from './context.ts';
import { meetIdentities } from './identity-trust.ts';
import { type SecureOutcome, secureOutcomeOf } from './round-end.ts';
import { sendUpload } from './round-work.ts';
import { countContribution, recordAnswer, recordContribution } from './secure-participation.ts';
import { cohortOf, policyOf, type SecureMessage } from './secure-round.ts';

export interface SecureWork {
  /** Goes on over a connection: what may have been lost is sent again. */
  attach(connection: Connection): void;
  receive(connection: Connection, message: SecureMessage): void;
  /** What the vector is made of will not come: the device leaves the round. A lost connection is no such reason. */
  fail(error: unknown): void;
  /** Resolves once, all keys forgotten; after `stop` never. */
  readonly outcome: Promise<SecureOutcome>;
  /** The masked vector was taken. */
  readonly uploaded: boolean;
  /** Forgets all keys. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

type Show = (phase: RoundPhase, secure?: TributaryEvents['round']['secure']) => void;
type SendEffect = Extract<DeviceEffect, { kind: 'send' }>;
interface KeysEffect {
  readonly kind: 'send';
  readonly name: 'keys';
  readonly message: Omit<Content<'keys'>, 'round'>;
}

const phaseOfMessage = {
  keys: 'keying',
  neighbours: 'sharing',
  shares: 'sharing',
  acknowledge: 'unmasking',
  reveal: 'revealed',
} as const satisfies Record<(SendEffect | KeysEffect)['name'], RoundPhase>;

/** What setTimeout can count. */
const longestTimer = 2 ** 31 - 1;

/**
 * @param values the encoded update, made while the devices exchange keys
 * @param until when uploads are refused, by `context.elapsed`
 * @param milliseconds after which keys are forgotten although the coordinator has not ended the round
 */
export function createSecureWork(options: {
  readonly context: SessionContext;
  readonly descriptor: RoundDescriptor;
  readonly round: SecureRound;
  readonly values: () => Promise<readonly Uint32Array[]>;
  readonly until: number;
  readonly milliseconds: number;
  readonly show: Show;
}): SecureWork {
  const { context, descriptor, round, values, until, milliseconds, show } = options;
  const { storage, random, identity, emit, elapsed, verify } = context;
  const ended = new AbortController();
  const started = startDevice({
    round,
    policy: policyOf(context.agreement.secure, descriptor),
    identity,
    random,
    verify,
  });
  let state: DeviceState = started.state;
  /** What the device has to say now; said again on every connection until the coordinator goes on. */
  let pending: readonly (DeviceEffect | KeysEffect)[] = [{ kind: 'send', name: 'keys', message: started.message }];
  const remembered = new Set<string>();
  let masked: { readonly bytes: Uint8Array; readonly sha256: Uint8Array } | null = null;
  let uploaded = false;
  /** Of the roster, where identities are pinned: devices met before. */
  let met: number | null = null;
  let running: Promise<void> = Promise.resolve();
  let settle: (outcome: SecureOutcome) => void = () => {};
  const outcome = new Promise<SecureOutcome>((resolve) => {
    settle = resolve;
  });
  const deadline = setTimeout(
    () => finish({ kind: 'missed', reason: 'the coordinator did not go on with the round in time' }),
    Math.min(milliseconds, longestTimer),
  );

  function enqueue(step: () => Promise<void>): void {
    running = running.then(async () => {
      if (ended.signal.aborted) return;
      try {
        await step();
      } catch (error) {
        if (ended.signal.aborted) return;
        const end = secureOutcomeOf(error, descriptor.round);
        if (end) finish(end);
      }
    });
  }

  function finish(end: SecureOutcome): void {
    wipe();
    settle(end);
  }

  function wipe(): void {
    ended.abort();
    clearTimeout(deadline);
    wipeDevice(state);
    masked?.bytes.fill(0);
    masked = null;
    pending = [];
  }

  async function carryOut(connection: Connection): Promise<void> {
    for (const effect of pending) {
      if (effect.kind === 'remember') await remember(effect.what, effect.rosterHash);
      else if (effect.kind === 'mask') return mask(connection, effect.masks);
      else if (effect.kind === 'upload') await upload(connection, effect.statement);
      else await send(connection, effect);
      throwIfAborted(ended.signal);
    }
    if (state.phase === 'revealed') finish({ kind: 'revealed' });
  }

  async function remember(what: 'acknowledged' | 'revealed', rosterHash: Uint8Array): Promise<void> {
    if (remembered.has(what)) return;
    await recordAnswer(storage, rosterHash, what);
    remembered.add(what);
  }

  async function send(connection: Connection, { name, message }: SendEffect | KeysEffect): Promise<void> {
    show(phaseOfMessage[name], cohortOf(state, met));
    await connection.request(name, { round: descriptor.round, ...message } as never, { signal: ended.signal });
  }

  async function mask(connection: Connection, masks: readonly MaskSeed[]): Promise<void> {
    const vector = await values();
    throwIfAborted(ended.signal);
    show('masking', cohortOf(state, met));
    await yieldToEventLoop();
    throwIfAborted(ended.signal);
    const bytes = maskVector(vector, round.sections, masks);
    for (const section of vector) section.fill(0);
    masked = { bytes, sha256: sha256(bytes) };
    // From here on the device counts as having contributed to this version, whatever becomes of the upload.
    await recordContribution(storage, descriptor.modelVersion, spendOf(descriptor));
    throwIfAborted(ended.signal);
    step({ kind: 'masked', vectorHash: masked.sha256 });
    for (const { seed } of masks) seed.fill(0);
    await carryOut(connection);
  }

  async function upload(connection: Connection, statement: Content<'uploadOpen'>['statement']): Promise<void> {
    if (uploaded || !masked) return;
    show('uploading', cohortOf(state, met));
    const sendable = { round: descriptor.round, ...masked, statement, until };
    const sent = await sendUpload(connection, sendable, emit, elapsed, ended.signal);
    if (sent.kind === 'missed') return finish({ kind: 'missed', reason: sent.reason });
    uploaded = true;
    masked = null;
    await countContribution(storage);
    show('uploaded', cohortOf(state, met));
  }

  /** @throws SecureAggregationError */
  function step(event: DeviceEvent): void {
    const before = state.phase;
    const next = deviceTransition(state, event, random);
    state = next.state;
    if (state.phase !== before || next.effects.length > 0) pending = next.effects;
  }

  return {
    attach: (connection) => enqueue(() => carryOut(connection)),
    receive(connection, { name, content }) {
      enqueue(async () => {
        const { round: _number, ...message } = content;
        step({ kind: name, message } as DeviceEvent);
        if (round.identityLog === null && met === null && 'roster' in state) {
          const others = state.roster.entries.filter((_, index) => 'index' in state && index !== state.index);
          met = await meetIdentities(
            storage,
            others.map((entry) => entry.identity),
          );
        }
        await carryOut(connection);
      });
    },
    fail(error) {
      enqueue(() => Promise.reject(error));
    },
    outcome,
    get uploaded() {
      return uploaded;
    },
    async stop() {
      ended.abort();
      await running;
      wipe();
    },
  };
}
