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
  hexToBytes,
  type MaskSeed,
  maskVector,
  SecureAggregationError,
  type SecureRound,
  type SecurityPolicy,
  sha256,
  startDevice,
  wipeDevice,
} from '@tributary/privacy';
import { type Content, type NotificationName, RefusalError, type RoundDescriptor } from '@tributary/protocol';
import type { SecureAgreement } from '../agreement/agreement.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import type { RoundPhase, TributaryEvents } from '../sdk/events.ts';
import { sectionEncodings } from '../training/index.ts';
import { yieldToEventLoop } from './backoff.ts';
import type { Connection } from './connection.ts';
import type { SessionContext } from './context.ts';
import { missedCodes, sendUpload } from './round-work.ts';
import { countContribution, recordAnswer, recordContribution } from './secure-participation.ts';

/** Messages of the coordinator in a secure round. */
export const secureMessages = ['roster', 'neighbourKeys', 'dealt', 'survivors', 'acknowledgements'] as const;
export type SecureMessageName = (typeof secureMessages)[number];
export type SecureMessage = {
  [Name in SecureMessageName]: { readonly name: Name; readonly content: Content<Name> };
}[SecureMessageName];

export function isSecureMessage(notification: {
  readonly name: NotificationName;
  readonly content: object;
}): notification is SecureMessage {
  return (secureMessages as readonly string[]).includes(notification.name);
}

/** How the work ended for this device. */
export type SecureOutcome =
  | { readonly kind: 'revealed' }
  | { readonly kind: 'missed'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: TributaryError };

export interface SecureWork {
  /** Goes on over a connection: what may have been lost is sent again. */
  attach(connection: Connection): void;
  receive(connection: Connection, message: SecureMessage): void;
  /** Resolves once; after `stop` never. */
  readonly outcome: Promise<SecureOutcome>;
  /** The masked vector was taken. */
  readonly uploaded: boolean;
  /** Forgets all keys. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

type Show = (phase: RoundPhase, secure?: TributaryEvents['round']['secure']) => void;

/** @param values the encoded update, made while the devices exchange keys */
export function createSecureWork(options: {
  readonly context: SessionContext;
  readonly descriptor: RoundDescriptor;
  readonly round: SecureRound;
  readonly values: () => Promise<readonly Uint32Array[]>;
  readonly until: number;
  readonly show: Show;
}): SecureWork {
  const { context, descriptor, round, values, until, show } = options;
  const { storage, random, identity, emit, now } = context;
  const ended = new AbortController();
  const policy = policyOf(context.agreement.secure);
  const started = startDevice({ round, policy, identity, random });
  let state: DeviceState = started.state;
  /** What the device has to say now; said again on every connection until the coordinator goes on. */
  let pending: readonly (DeviceEffect | KeysEffect)[] = [{ kind: 'send', name: 'keys', message: started.message }];
  const remembered = new Set<string>();
  let masked: { readonly bytes: Uint8Array; readonly sha256: Uint8Array } | null = null;
  let uploaded = false;
  let running: Promise<void> = Promise.resolve();
  let settle: (outcome: SecureOutcome) => void = () => {};
  const outcome = new Promise<SecureOutcome>((resolve) => {
    settle = resolve;
  });

  function enqueue(step: () => Promise<void>): void {
    running = running.then(async () => {
      if (ended.signal.aborted) return;
      try {
        await step();
      } catch (error) {
        if (ended.signal.aborted) return;
        const end = endOf(error, descriptor.round);
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
    }
    if (state.phase === 'revealed') finish({ kind: 'revealed' });
  }

  async function remember(what: 'acknowledged' | 'revealed', rosterHash: Uint8Array): Promise<void> {
    if (remembered.has(what)) return;
    await recordAnswer(storage, rosterHash, what);
    remembered.add(what);
  }

  async function send(connection: Connection, { name, message }: SendEffect | KeysEffect): Promise<void> {
    show(phaseOfMessage[name], cohortOf(state));
    await connection.request(name, { round: descriptor.round, ...message } as never, { signal: ended.signal });
  }

  async function mask(connection: Connection, masks: readonly MaskSeed[]): Promise<void> {
    const vector = await values();
    ended.signal.throwIfAborted();
    show('masking');
    await yieldToEventLoop();
    const sections = sectionEncodings(descriptor).map(({ length, bits }) => ({ length, bits }));
    const bytes = maskVector(vector, sections, masks);
    for (const section of vector) section.fill(0);
    masked = { bytes, sha256: sha256(bytes) };
    // From here on the device counts as having contributed to this version, whatever becomes of the upload.
    await recordContribution(storage, descriptor.modelVersion);
    step({ kind: 'masked', vectorHash: masked.sha256 });
    await carryOut(connection);
  }

  async function upload(connection: Connection, statement: Content<'uploadOpen'>['statement']): Promise<void> {
    if (uploaded || !masked) return;
    show('uploading');
    const sealed = { round: descriptor.round, ...masked, statement, until };
    const sent = await sendUpload(connection, sealed, emit, now, ended.signal);
    if (sent.kind === 'missed') return finish({ kind: 'missed', reason: sent.reason });
    uploaded = true;
    masked = null;
    await countContribution(storage);
    show('uploaded');
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
        await carryOut(connection);
      });
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

const tenThousandths = (fraction: number) => Math.round(10_000 * fraction);

function policyOf(agreement: SecureAgreement): SecurityPolicy {
  return {
    minimumRoster: agreement.minimumRoster,
    corrupt: tenThousandths(agreement.corrupt),
    security: agreement.security,
    openedFraction: tenThousandths(agreement.openedFraction),
    openedMinimum: 0,
  };
}

function cohortOf(state: DeviceState): TributaryEvents['round']['secure'] {
  if (!('roster' in state)) return undefined;
  const { roster, graph } = state;
  return { cohort: roster.entries.length, neighbours: graph.degree, threshold: graph.threshold };
}

/** Null for a lost connection: the next one goes on from here. */
function endOf(error: unknown, round: number): SecureOutcome | null {
  if (error instanceof SecureAggregationError) {
    return {
      kind: 'failed',
      error: new TributaryError('unsafe-round', `This device left round ${round} (${error.code}): ${error.message}`, {
        cause: error,
      }),
    };
  }
  if (error instanceof RefusalError) {
    // The coordinator has gone on: what it shows next is what counts.
    if (error.code === 'out-of-phase') return null;
    if (missedCodes.has(error.code)) return { kind: 'missed', reason: error.message };
    return {
      kind: 'failed',
      error: new TributaryError('refused', `The coordinator refused in round ${round}: ${error.message}`, {
        cause: error,
        refusal: error.code,
      }),
    };
  }
  if (error instanceof TributaryError) return error.code === 'connection' ? null : { kind: 'failed', error };
  return {
    kind: 'failed',
    error: new TributaryError('training', 'The device could not go on with the round.', { cause: error }),
  };
}

/** What the machine needs of a description that was verified and agreed to. */
export function secureRoundOf(
  descriptor: RoundDescriptor,
  roundHash: string,
  coordinatorKey: Uint8Array,
  population: string,
): SecureRound {
  const { secure } = descriptor;
  if (secure === null) throw new TributaryError('policy', 'The round is not one of secure aggregation.');
  const { degree, threshold, inDegreeCap, rosterMaximum, corrupt, dropout, identityLog } = secure;
  return {
    roundHash: hexToBytes(roundHash),
    coordinatorKey,
    population,
    sections: sectionEncodings(descriptor).map(({ length, bits }) => ({ length, bits })),
    degree,
    threshold,
    inDegreeCap,
    minimum: descriptor.cohortMinimum,
    maximum: rosterMaximum,
    corrupt,
    dropout,
    identityLog,
  };
}
