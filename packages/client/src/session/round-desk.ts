/** The one round that a device works on, across connections. */
import {
  type Content,
  protocolVersion,
  type RoundDescriptor,
  roundHash,
  type TaskSummary,
  throwIfAborted,
} from '@tributary/protocol';
import { checkRound } from '../agreement/check-round.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import type { RoundPhase } from '../sdk/events.ts';
import type { Connection } from './connection.ts';
import { report, type SessionContext, typed } from './context.ts';
import { joinSecureRound } from './join-secure-round.ts';
import { declineReasonOf, hasNoData, type SecureOutcome } from './round-end.ts';
import { makeUpload, type SealedUpload, sendUpload, trainUpdate } from './round-work.ts';
import { type SecureMessage, uploadMilliseconds } from './secure-round.ts';
import type { SecureWork } from './secure-work.ts';
import { verifyRound } from './trust.ts';
import { dropUpload, keepTerms, readParticipation, restoreUpload, storeUpload } from './upload-store.ts';

/** What the current connection has shown, and can get. */
export interface TaskOnConnection {
  readonly connection: Connection;
  readonly coordinatorKey: Uint8Array;
  readonly summary: TaskSummary;
  /** Gets a version ready by its hash; null when this connection knows no such version. */
  modelOf(hash: string): Promise<PreparedModel> | null;
  /** A model of the task, for its layouts. */
  readonly anyModel: PreparedModel;
}

export type InvitationAnswer = 'taken' | 'refused' | 'unknown-version';

export interface RoundDesk {
  /** Checks an invitation and starts the work; resolves when it is taken or refused, not when the work is done. */
  invite(task: TaskOnConnection, descriptor: RoundDescriptor): Promise<InvitationAnswer>;
  /** Goes on with what the last connection, or the last run of the app, left unfinished. */
  resume(task: TaskOnConnection): Promise<void>;
  /** A message of the secure round that this device works on. */
  secureMessage(task: TaskOnConnection, message: SecureMessage): void;
  /** The coordinator has closed or abandoned a round. */
  roundEnded(round: number): void;
  /** Ends the current work; a sealed upload stays stored for the next run. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

interface Work {
  readonly round: number;
  readonly roundHash: string;
  readonly until: number;
  /** Null for an upload that an earlier run of the app has made. */
  readonly descriptor: RoundDescriptor | null;
  readonly ended: AbortController;
  /** Made once, whatever happens to connections. */
  upload: Promise<SealedUpload> | null;
  /** Of a round of the plan `secure`. */
  secure: SecureWork | null;
  joining: Promise<SecureWork> | null;
}

export function createRoundDesk(context: SessionContext): RoundDesk {
  const { storage, emit, now, elapsed, setState } = context;
  let current: Work | null = null;
  let restored = false;
  /** The connection that is open, or was the last. */
  let latest: TaskOnConnection | null = null;
  const running = new Set<Promise<void>>();

  const phase = (round: number, name: RoundPhase, reason?: string) =>
    emit('round', { round, phase: name, ...(reason === undefined ? {} : { reason }) });

  function start(task: TaskOnConnection, work: Work): void {
    const done = participate(task, work).finally(() => running.delete(done));
    running.add(done);
  }

  async function decline(task: TaskOnConnection, round: number, reason: Content<'decline'>['reason'], why: string) {
    phase(round, 'declined', why);
    // The round may be over already; there is nothing to repair then.
    await task.connection.request('decline', { round, reason }).catch(() => {});
  }

  async function finish(work: Work, acknowledged: boolean): Promise<void> {
    if (current !== work) return;
    current = null;
    if (work.upload !== null) await dropUpload(storage, acknowledged);
  }

  /** What the round is trained with, once its model is there. */
  async function trainingOf(task: TaskOnConnection, work: Work, descriptor: RoundDescriptor) {
    phase(work.round, 'downloading');
    const model = await (task.modelOf(descriptor.modelVersion) ??
      Promise.reject(
        new TributaryError('forged', `Round ${work.round} is about a model version that this device has not seen.`),
      ));
    throwIfAborted(work.ended.signal);
    phase(work.round, 'training');
    setState('training');
    const { federated, negatives } = task.summary.evaluation;
    return { descriptor, model, history: context.historyFor(model), negatives, federated, random: context.random };
  }

  async function join(task: TaskOnConnection, work: Work, descriptor: RoundDescriptor): Promise<SecureWork> {
    const secure = await joinSecureRound({
      context,
      connection: task.connection,
      coordinatorKey: task.coordinatorKey,
      population: task.summary.population,
      descriptor,
      roundHash: work.roundHash,
      until: work.until,
      train: async () => trainUpdate(await trainingOf(latest ?? task, work, descriptor)),
      signal: work.ended.signal,
    });
    secure.outcome.then((outcome) => settle(latest ?? task, work, outcome));
    return secure;
  }

  /** Never rejects. */
  async function settle(task: TaskOnConnection, work: Work, outcome: SecureOutcome): Promise<void> {
    if (current !== work) return;
    current = null;
    work.ended.abort();
    if (!task.connection.closed) setState('waiting');
    if (outcome.kind === 'missed') phase(work.round, 'missed', outcome.reason);
    if (outcome.kind === 'failed') await giveUp(task, work.round, outcome.error);
  }

  /** After an error: the app hears of it, and the coordinator that this device is out. */
  async function giveUp(task: TaskOnConnection, round: number, error: TributaryError): Promise<void> {
    if (!hasNoData(error)) report(context, error);
    await decline(task, round, declineReasonOf(error), error.message);
  }

  async function prepare(task: TaskOnConnection, work: Work, descriptor: RoundDescriptor): Promise<SealedUpload> {
    const { sealingKey } = descriptor;
    if (sealingKey === null) throw new TributaryError('policy', 'A sealed round has a sealing key.');
    const training = await trainingOf(task, work, descriptor);
    if (work.upload === null) {
      work.upload = makeUpload({ ...training, roundHash: work.roundHash, until: work.until, sealingKey }).then(
        async (upload) => {
          throwIfAborted(work.ended.signal);
          // A stored deadline is of the clock that outlives this run.
          await storeUpload(storage, { ...upload, until: now() + upload.until - elapsed() });
          return upload;
        },
      );
    }
    return work.upload;
  }

  /** Never rejects. */
  async function participate(task: TaskOnConnection, work: Work): Promise<void> {
    const { connection } = task;
    try {
      if (work.descriptor?.plan === 'secure') {
        // One machine with one set of keys, however many connections ask for it.
        work.joining ??= join(task, work, work.descriptor).catch((error) => {
          work.joining = null;
          throw error;
        });
        work.secure = await work.joining;
        if (work.ended.signal.aborted) await work.secure.stop();
        else work.secure.attach(connection);
        return;
      }
      const upload = await (work.upload ?? prepare(task, work, work.descriptor as RoundDescriptor));
      if (current !== work || connection.closed) return;
      phase(work.round, 'uploading');
      setState('uploading');
      const outcome = await sendUpload(connection, { ...upload, statement: null }, emit, elapsed, work.ended.signal);
      await finish(work, outcome.kind === 'uploaded');
      if (outcome.kind === 'uploaded') phase(work.round, 'uploaded');
      else phase(work.round, 'missed', outcome.reason);
    } catch (error) {
      if (work.ended.signal.aborted) return;
      const failure = typed(error);
      // The next connection goes on from here.
      if (failure.code === 'connection') return connection.close();
      await finish(work, false).catch(() => {});
      await giveUp(task, work.round, failure);
    } finally {
      // A secure round goes on by itself: it says what the device is at.
      const done = work.secure === null && (current === null || current === work);
      if (done && !connection.closed) setState('waiting');
    }
  }

  async function stop(): Promise<Work | null> {
    const work = current;
    current = null;
    work?.ended.abort();
    await Promise.all([...running, work?.secure?.stop()]);
    return work;
  }

  return {
    async invite(task, descriptor) {
      const { round } = descriptor;
      try {
        verifyRound(descriptor, task.coordinatorKey);
      } catch (error) {
        report(context, typed(error));
        return 'refused';
      }
      const hash = roundHash(descriptor);
      // The same invitation again, after a reconnection: `resume` is at it.
      if (current?.roundHash === hash) return 'taken';
      const { recommender } = task.anyModel;
      const { contributions: _, ...own } = await readParticipation(storage);
      try {
        checkRound(context.agreement, descriptor, {
          task: context.task,
          protocol: protocolVersion,
          ...own,
          layoutHash: recommender.layout.hash,
          contributionLayoutHash: recommender.contributionLayout.hash,
          contributionSize: recommender.contributionLayout.size,
          plan: task.summary.privacyPlan,
          noise: task.summary.noise,
          evaluating: task.summary.evaluation.federated,
        });
      } catch (error) {
        const failure = typed(error);
        report(context, failure);
        await decline(task, round, 'policy', failure.message);
        return 'refused';
      }
      await keepTerms(storage, task.summary.noise);
      if (context.historyFor(task.anyModel).items.length === 0) {
        await decline(task, round, 'no-data', 'There is no interaction to train on.');
        return 'refused';
      }
      const model = task.modelOf(descriptor.modelVersion);
      if (model === null) return 'unknown-version';
      model.catch(() => {});
      // One round at a time: the coordinator has gone on from the last one.
      if ((await stop())?.upload) await dropUpload(storage, false);
      emit('round', { round, phase: 'invited', plan: descriptor.plan });
      current = {
        round,
        roundHash: hash,
        until: elapsed() + uploadMilliseconds(descriptor),
        descriptor,
        ended: new AbortController(),
        upload: null,
        secure: null,
        joining: null,
      };
      start(task, current);
      return 'taken';
    },

    async resume(task) {
      if (!restored) {
        restored = true;
        const upload = await restoreUpload(storage, now());
        if (upload !== null && current === null) {
          const { round, roundHash: hash } = upload;
          const until = elapsed() + upload.until - now();
          current = {
            round,
            roundHash: hash,
            until,
            descriptor: null,
            ended: new AbortController(),
            upload: Promise.resolve({ ...upload, until }),
            secure: null,
            joining: null,
          };
        }
      }
      latest = task;
      if (current !== null) start(task, current);
    },

    secureMessage(task, message) {
      if (current?.secure && current.round === message.content.round) {
        current.secure.receive(task.connection, message);
      }
    },

    roundEnded(round) {
      const work = current;
      if (work === null || work.round !== round) return;
      current = null;
      work.ended.abort();
      if (!work.secure?.uploaded) phase(round, 'missed', 'the round has ended');
      if (work.secure !== null) {
        const stopped = work.secure.stop().finally(() => running.delete(stopped));
        running.add(stopped);
      }
      if (work.upload !== null) {
        const done = dropUpload(storage, false)
          .catch((error) => report(context, typed(error)))
          .finally(() => running.delete(done));
        running.add(done);
      }
    },
    async stop() {
      await stop();
    },
  };
}
