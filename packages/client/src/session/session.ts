/**
 * The device's life with a coordinator: connect, prove who it is, get the model, be available, take part, and start over
 * whenever the connection is lost. Ends when the task does, when something needs a person, or when it is told to.
 */
import { bytesToHex } from '@tributary/privacy';
import type { Content, ModelVersion, RoundDescriptor } from '@tributary/protocol';
import { checkTask } from '../agreement/check-round.ts';
import { TributaryError, type TributaryErrorCode } from '../errors/tributary-error.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import type { Emit, TributaryEvents } from '../sdk/events.ts';
import { backoffMilliseconds, sleep, yieldToEventLoop } from './backoff.ts';
import { connect } from './connection.ts';
import { report, type SessionContext, typed } from './context.ts';
import { authenticate } from './handshake.ts';
import { createRoundDesk, type RoundDesk, type TaskOnConnection } from './round-desk.ts';
import { verifyVersion } from './trust.ts';

export type SessionEnd =
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: TributaryError }
  | { readonly kind: 'aborted' };

export interface Session {
  /** Runs until the end; never rejects. When it has resolved, nothing of it runs any more. */
  run(signal: AbortSignal): Promise<SessionEnd>;
  /** There is something to train on now: be available for rounds. */
  dataArrived(): void;
  /** Somebody looks at recommendations: the newest version that was announced is fetched, now and after own rounds. */
  modelWanted(): void;
}

/** What no further attempt can mend. */
const finalCodes: ReadonlySet<TributaryErrorCode> = new Set([
  'coordinator-key',
  'texts',
  'protocol-version',
  'identity-in-use',
  'unknown-task',
  'policy',
  'storage-damaged',
  'storage-locked',
  'storage-newer',
  'storage-failed',
]);

/** A connection that lasted this long counts as a good one: the next failure starts the backoff anew. */
const goodConnectionMilliseconds = 5_000;

/** How a connection ended, when not by an error. */
type ConnectionEnd =
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'again'; readonly at: 'once' | 'later' };

export function createSession(context: SessionContext): Session {
  const { elapsed, setState, storage } = context;
  /** The last round whose sum holds a contribution of this device. */
  let contributedTo: number | null = null;
  const emit: Emit = (name, event) => {
    if (name === 'round' && (event as TributaryEvents['round']).phase === 'uploaded') {
      contributedTo = (event as TributaryEvents['round']).round;
    }
    context.emit(name, event);
  };
  let pinned = context.coordinatorKey;
  let joinIfReady: (() => void) | null = null;
  let fetchNewest: (() => void) | null = null;
  let wanted = false;
  let outageReported = false;
  /** An invitation to a version that only a new connection can name. */
  let pending: RoundDescriptor | null = null;

  async function oneConnection(signal: AbortSignal, desk: RoundDesk): Promise<ConnectionEnd> {
    const connection = await connect({
      url: context.url,
      timeoutMilliseconds: context.requestTimeoutMilliseconds,
      signal,
      onMalformed: (error) => report(context, error),
    });
    try {
      const { coordinatorKey, summary, version, running } = await authenticate({
        connection,
        task: context.task,
        identity: context.identity,
        pinnedKey: pinned,
        software: context.software,
        timeoutMilliseconds: context.requestTimeoutMilliseconds,
      });
      outageReported = false;
      checkTask(context.agreement, summary, version);
      if (pinned === null) {
        pinned = bytesToHex(coordinatorKey);
        await storage.writeRecord('coordinatorKey', { key: pinned });
      }

      const known = new Map<string, ModelVersion>([[version.hash, version]]);
      let inUse: string | null = null;
      const use = async (chosen: ModelVersion): Promise<PreparedModel> => {
        const model = await context.models.prepare(chosen, summary, connection);
        inUse = chosen.hash;
        context.onModel(model);
        return model;
      };
      const first = await use(version);
      if (!running) return { kind: 'ended', reason: 'the task has ended' };

      const task: TaskOnConnection = {
        connection,
        coordinatorKey,
        summary,
        anyModel: first,
        modelOf(hash) {
          const wanted = known.get(hash);
          return wanted === undefined ? null : use(wanted);
        },
      };
      let newest = version;
      fetchNewest = () => {
        if (newest.hash === inUse) return;
        use(newest).catch((error) => {
          if (!connection.closed) report(context, typed(error));
        });
      };
      /** A verified announcement; null after an error event, or for a version that only a new connection can describe. */
      const verified = (announced: ModelVersion): ModelVersion | null => {
        try {
          verifyVersion(announced, context.task, coordinatorKey);
          if (isOfAnotherCatalogue(announced, task)) return null;
          checkTask(context.agreement, summary, announced);
        } catch (error) {
          report(context, typed(error));
          return null;
        }
        known.set(announced.hash, announced);
        newest = announced;
        for (const oldest of known.keys()) {
          if (known.size <= 8) break;
          known.delete(oldest);
        }
        return announced;
      };

      setState('waiting');
      await becomeAvailable(task, first);
      await desk.resume(task);
      if (pending !== null) {
        const again = pending;
        pending = null;
        await desk.invite(task, again);
      }
      return await listen(task, desk, verified, use);
    } finally {
      joinIfReady = null;
      fetchNewest = null;
      connection.close();
    }
  }

  /** Joins once there is something to train on. */
  async function becomeAvailable({ connection }: TaskOnConnection, model: PreparedModel): Promise<void> {
    let joined = false;
    const join = async () => {
      if (joined || context.historyFor(model).items.length === 0) return;
      joined = true;
      await connection.request('join', {});
    };
    await join();
    joinIfReady = () => {
      join().catch((error) => {
        if (!connection.closed) report(context, typed(error));
        connection.close();
      });
    };
  }

  async function listen(
    task: TaskOnConnection,
    desk: RoundDesk,
    verified: (version: ModelVersion) => ModelVersion | null,
    use: (version: ModelVersion) => Promise<PreparedModel>,
  ): Promise<ConnectionEnd> {
    for (;;) {
      const notification = await task.connection.next();
      if (notification === null) return { kind: 'again', at: 'later' };
      switch (notification.name) {
        case 'invitation': {
          const answer = await desk.invite(task, notification.content);
          if (answer !== 'unknown-version') break;
          // A rollback, for example: the handshake names the version in force.
          pending = notification.content;
          return { kind: 'again', at: 'once' };
        }
        case 'roster':
        case 'neighbourKeys':
        case 'dealt':
        case 'survivors':
        case 'acknowledgements':
          desk.secureMessage(task, notification);
          break;
        case 'roundEnded':
          // The acknowledgement of an upload may have come just before; let it be seen first.
          await yieldToEventLoop();
          await roundEnded(desk, verified, use, notification.content);
          if (isOfAnotherCatalogue(notification.content.version, task)) return { kind: 'again', at: 'once' };
          break;
        case 'taskEnded': {
          if (isOfAnotherCatalogue(notification.content.version, task)) return { kind: 'again', at: 'once' };
          const last = verified(notification.content.version);
          if (last !== null) await use(last);
          return { kind: 'ended', reason: notification.content.reason };
        }
        case 'challenge':
          report(context, new TributaryError('malformed', 'The coordinator sent a second challenge; it is ignored.'));
      }
    }
  }

  async function roundEnded(
    desk: RoundDesk,
    verified: (version: ModelVersion) => ModelVersion | null,
    use: (version: ModelVersion) => Promise<PreparedModel>,
    { round, outcome, reason, version }: Content<'roundEnded'>,
  ): Promise<void> {
    const published = version === null ? null : verified(version);
    desk.roundEnded(round);
    emit('round', { round, phase: outcome, ...(reason === '' ? {} : { reason }) });
    // Whoever took part, and is looking, sees at once what came of it; others get a newer version with the next invitation.
    if (published === null || contributedTo !== round || !wanted) return;
    wanted = false;
    await use(published);
  }

  async function run(signal: AbortSignal): Promise<SessionEnd> {
    const desk = createRoundDesk({ ...context, emit });
    let failures = 0;
    try {
      while (!signal.aborted) {
        const began = elapsed();
        let atLeast = 0;
        try {
          setState('connecting');
          const end = await oneConnection(signal, desk);
          if (end.kind === 'ended') return end;
          if (end.at === 'once' && failures === 0) {
            failures++;
            continue;
          }
        } catch (error) {
          if (signal.aborted) break;
          const failure = typed(error);
          if (finalCodes.has(failure.code)) {
            report(context, failure);
            return { kind: 'failed', error: failure };
          }
          // One event per outage, not one per attempt.
          if (failure.code !== 'connection' || !outageReported) report(context, failure);
          outageReported ||= failure.code === 'connection';
          atLeast = (failure.cause as { retryAfterMilliseconds?: number } | undefined)?.retryAfterMilliseconds ?? 0;
        }
        if (signal.aborted) break;
        if (elapsed() - began >= goodConnectionMilliseconds) failures = 0;
        setState('offline');
        await sleep(atLeast + backoffMilliseconds(failures, context.backoff, context.random), signal);
        failures++;
      }
      return { kind: 'aborted' };
    } finally {
      await desk.stop().catch((error) => report(context, typed(error)));
    }
  }

  return {
    run,
    dataArrived: () => joinIfReady?.(),
    modelWanted() {
      wanted = true;
      fetchNewest?.();
    },
  };
}

/** Its items are not those that this connection was told of: the model would speak of others by their indices. */
function isOfAnotherCatalogue(version: ModelVersion | null, { summary }: TaskOnConnection): boolean {
  return version !== null && version.catalogueHash !== summary.catalogueHash;
}
