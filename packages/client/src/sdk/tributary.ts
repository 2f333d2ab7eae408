/**
 * The SDK of a device: consent, the person's own events, recommendations, and training in the background.
 *
 * Order of calls does not matter: events may be tracked before there is consent, a connection or a model (they stay here
 * either way), consent may be given before or after `start()`. What cannot work fails with a `TributaryError` that says so.
 */
import { type History, type PrivateState, seededRandom, shuffle } from '@tributary/model';
import { bytesToHex } from '@tributary/privacy';
import { type Consent, openConsent } from '../conditions/consent.ts';
import { reasonOf, TributaryError } from '../errors/tributary-error.ts';
import { checkEvent, openJournal, type TrackedEvent } from '../recommend/journal.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import { checkQuery, type Recommendations, type RecommendQuery, recommendItems } from '../recommend/recommend.ts';
import { yieldToEventLoop } from '../session/backoff.ts';
import type { ModelSource } from '../session/model-source.ts';
import type { Session } from '../session/session.ts';
import { dropUpload } from '../session/upload-store.ts';
import { trainingSeed } from '../training/training-seed.ts';
import {
  createEmitter,
  type Emit,
  type TributaryEventName,
  type TributaryEvents,
  type TributaryState,
} from './events.ts';
import { bindStorage, openCoordinatorKey, openIdentity } from './open-device.ts';
import { type CheckedOptions, checkOptions, type TributaryOptions } from './options.ts';
import { softwareName } from './software-name.ts';

/** How an instance came to its end. */
export type TributaryOutcome =
  | { readonly outcome: 'ended'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly error: TributaryError }
  | { readonly outcome: 'stopped' };

export interface Tributary {
  readonly consent: Consent;
  readonly state: TributaryState;
  /** Public key of this device, in hex. */
  readonly deviceId: string;
  /** Connects as soon as there is consent; without effect when it is started already. */
  start(): void;
  /** Ends everything and closes the storage. When it has resolved, nothing runs any more. Final. */
  stop(): Promise<void>;
  /**
   * Remembers an event on this device; it is never sent.
   * @throws TributaryError 'invalid-event'; 'unknown-item' when the catalogue is here and has no such item; 'storage-…' when it
   * could not be stored
   */
  track(event: TrackedEvent): Promise<void>;
  /**
   * The person's best items from the model on this device, offline too. While the very first model is on its way, waits for it.
   * @throws TributaryError 'no-model' when there is none and none is coming
   */
  recommend(query?: RecommendQuery): Promise<Recommendations>;
  /**
   * Erases the events, the private vector and any upload that is not yet part of a sum; with `identity`, also the device's
   * identity. What was summed into a model before stays there. The model, the decision on consent, and the account of how often this
   * person took part are kept: what she spent does not come back.
   */
  forget(options?: { readonly identity?: boolean }): Promise<void>;
  /**
   * Leaves and removes everything that this device has of the task: participation ends at once, then events, private vector, model,
   * identity and keys, and the decision on consent are erased, and the instance is stopped. What was summed into a model before stays
   * there. Final: another instance is a new device, and asks anew.
   * @throws TributaryError 'storage-…' when something could not be erased; participation has ended all the same
   */
  wipe(): Promise<void>;
  /** @returns a function that takes the handler off again */
  on<Name extends TributaryEventName>(name: Name, handler: (event: TributaryEvents[Name]) => void): () => void;
  /** Resolves when the task has ended, when something needs a person, or after `stop()`. Never rejects. */
  readonly finished: Promise<TributaryOutcome>;
}

interface RunningSession {
  readonly dataArrived: () => void;
  readonly abort: AbortController;
  /** Resolves when nothing of it runs any more. */
  readonly done: Promise<void>;
}

/** @throws TributaryError 'invalid-option', 'storage-…' */
export async function createTributary(options: TributaryOptions): Promise<Tributary> {
  const checked = checkOptions(options);
  const { url, task, storage, random, log, agreement, backoff, requestTimeoutMilliseconds } = checked;
  await bindStorage(checked);
  let identity = await openIdentity(checked);
  const journal = await openJournal(storage);
  const { emit, on } = createEmitter(log);
  let state: TributaryState = 'idle';
  let models: Promise<ModelSource> | null = null;
  /** What reads models and what holds rounds loads when it is needed: a page that only asks for consent and tracks is small. */
  function modelSource(): Promise<ModelSource> {
    models ??= openModelSource(checked, emit);
    return models;
  }

  let model: PreparedModel | null =
    (await storage.readRecord('model')) === null
      ? null
      : await (await modelSource()).restore(task, await openCoordinatorKey(checked));
  let fitted: { readonly model: PreparedModel; readonly events: number; readonly state: PrivateState } | null = null;
  let started = false;
  let stopped = false;
  /** Set once the task has ended or something needs a person. */
  let outcome: TributaryOutcome | null = null;
  let session: RunningSession | null = null;
  let finish: (outcome: TributaryOutcome) => void = () => {};
  const finished = new Promise<TributaryOutcome>((resolve) => {
    finish = resolve;
  });

  const consent = await openConsent({
    storage,
    initial: checked.consent,
    version: checked.consentVersion,
    plans: checked.agreement.plans,
    onChange: () => void settle(),
  });

  function setState(next: TributaryState): void {
    if (next === state || (stopped && next !== 'stopped')) return;
    const previous = state;
    state = next;
    emit('state', { state, previous });
  }

  function assertRunning(): void {
    if (stopped) throw new TributaryError('stopped', 'This instance was stopped; create a new one.');
  }

  /** Brings what runs in line with what should run. */
  function settle(): void {
    const wanted = started && !stopped && outcome === null && consent.status === 'granted';
    if (!wanted) {
      session?.abort.abort();
      if (!stopped && outcome === null && started && consent.status !== 'granted')
        setState(`consent-${consent.status}`);
      return;
    }
    // A session that is on its way out calls again when it is gone.
    if (session === null) session = begin();
  }

  function begin(): RunningSession {
    const abort = new AbortController();
    let handle: Session | null = null;
    const done = (async () => {
      const coordinatorKey = await openCoordinatorKey(checked);
      const { createSession } = await loaded(() => import('../session/session.ts'));
      handle = createSession({
        url,
        task,
        identity,
        coordinatorKey,
        agreement,
        storage,
        models: await modelSource(),
        random,
        verify: checked.verify,
        backoff,
        requestTimeoutMilliseconds,
        software: softwareName,
        now: Date.now,
        emit,
        log,
        setState,
        historyFor,
        onModel: takeModel,
      });
      return handle.run(abort.signal);
    })()
      .catch((error): { kind: 'failed'; error: TributaryError } => ({ kind: 'failed', error: asTributaryError(error) }))
      .then((end) => {
        session = null;
        if (end.kind === 'ended') {
          outcome = { outcome: 'ended', reason: end.reason };
          setState('ended');
          emit('ended', { reason: end.reason });
        } else if (end.kind === 'failed') {
          outcome = { outcome: 'failed', error: end.error };
          setState('failed');
        }
        if (outcome !== null) finish(outcome);
        settle();
      });
    return { dataArrived: () => handle?.dataArrived(), abort, done };
  }

  function historyFor({ catalogue, ownText }: PreparedModel): History {
    return { ...journal.history(catalogue), ownText };
  }

  let warned = false;
  const arrivals = new Set<() => void>();
  function takeModel(next: PreparedModel): void {
    if (model?.version.hash === next.version.hash) return;
    model = next;
    const { hash, round, epsilon, delta } = next.version;
    emit('version', { hash, round, epsilon, delta });
    for (const arrived of [...arrivals]) arrived();
    const unknown = warned ? 0 : journal.unknownEvents(next.catalogue);
    if (unknown > 0) {
      warned = true;
      emit(
        'error',
        new TributaryError(
          'unknown-item',
          `${unknown} of ${journal.size} tracked events name items that the catalogue does not have; they are kept but not used. ` +
            "Track ids as they stand in the task's catalogue.",
        ),
      );
    }
  }

  /** The model, or the first one that arrives while a session is on its way to it. */
  async function currentModel(): Promise<PreparedModel> {
    if (model !== null) return model;
    const running = session;
    if (running !== null && state !== 'offline') {
      await new Promise<void>((resolve) => {
        const over = () => {
          arrivals.delete(over);
          off();
          resolve();
        };
        const off = on('state', ({ state: next }) => {
          if (next !== 'connecting') over();
        });
        arrivals.add(over);
        void running.done.then(over);
      });
    }
    if (model !== null) return model;
    throw new TributaryError(
      'no-model',
      consent.status === 'granted'
        ? `No model has been downloaded from ${url} yet; try again once the state is 'waiting'.`
        : 'No model has been downloaded, and without consent none will be. Call consent.grant() first.',
    );
  }

  async function fit(current: PreparedModel, history: History): Promise<PrivateState> {
    if (fitted?.model === current && fitted.events === journal.size) return fitted.state;
    const events = journal.size;
    const record = await storage.readRecord('privateVector');
    if (
      record !== null &&
      current.ownText === undefined &&
      record.version === current.version.hash &&
      record.interactions === events
    ) {
      fitted = { model: current, events, state: { vector: Float32Array.from(record.vector) } };
      return fitted.state;
    }
    const privateState = current.bound.fitPrivateState(history, seededRandom(trainingSeed(random)));
    fitted = { model: current, events, state: privateState };
    // What was made of the person's own text is not stored.
    if (current.ownText !== undefined) return privateState;
    await storage.writeRecord('privateVector', {
      version: current.version.hash,
      interactions: events,
      vector: Array.from(privateState.vector),
    });
    return privateState;
  }

  async function endSession(): Promise<void> {
    session?.abort.abort();
    await session?.done;
    // Handles of closed sockets go in the next turn.
    await yieldToEventLoop();
  }

  const tributary: Tributary = {
    consent: {
      get status() {
        return consent.status;
      },
      version: consent.version,
      async grant() {
        assertRunning();
        await consent.grant();
      },
      async revoke() {
        assertRunning();
        await consent.revoke();
        await endSession();
        await dropUpload(storage, false);
      },
    },
    get state() {
      return state;
    },
    get deviceId() {
      return bytesToHex(identity.publicKey);
    },
    start() {
      assertRunning();
      started = true;
      settle();
    },
    async stop() {
      if (stopped) return void (await finished);
      stopped = true;
      await endSession();
      await storage.close();
      setState('stopped');
      finish(outcome ?? { outcome: 'stopped' });
    },
    async track(event) {
      assertRunning();
      const checkedEvent = checkEvent(event, Date.now());
      if (model !== null && model.catalogue.indexOf(checkedEvent.itemId) === undefined) {
        throw new TributaryError(
          'unknown-item',
          "track() got an itemId that the task's catalogue does not have; the event was not kept. " +
            'Use ids as they stand in the catalogue, or ask the operator to add the item.',
        );
      }
      await journal.add(checkedEvent);
      session?.dataArrived();
    },
    async recommend(query = {}) {
      assertRunning();
      const wanted = checkQuery(query);
      const current = await currentModel();
      assertRunning();
      const history = historyFor(current);
      const privateState = await fit(current, history);
      const items = recommendItems(current, privateState, history, wanted, () =>
        shuffle(
          Uint32Array.from({ length: current.catalogue.items.length }, (_, i) => i),
          seededRandom(trainingSeed(random)),
        ),
      );
      return {
        items,
        recommendationId: bytesToHex(random.bytes(16)),
        basis: history.items.length > 0 ? 'history' : 'none',
      };
    },
    async forget({ identity: withIdentity = false } = {}) {
      assertRunning();
      const paused = started;
      started = false;
      await endSession();
      await journal.erase();
      fitted = null;
      await storage.removeRecord('privateVector');
      await dropUpload(storage, false);
      if (withIdentity) {
        await storage.removeRecord('identity');
        identity = await openIdentity({ ...checked, identity: undefined });
      }
      started = paused;
      settle();
    },
    async wipe() {
      assertRunning();
      stopped = true;
      await endSession();
      // Nothing that was on its way, such as a vector just fitted, is written between the two.
      const [wiped, closed] = await Promise.allSettled([storage.wipe(), storage.close()]);
      fitted = null;
      model = null;
      setState('stopped');
      finish(outcome ?? { outcome: 'stopped' });
      for (const each of [wiped, closed]) if (each.status === 'rejected') throw each.reason;
    },
    on,
    finished,
  };
  if (checked.autoStart) tributary.start();
  return tributary;
}

/** @throws TributaryError 'connection' where the app's server does not give a part of this package */
async function loaded<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    throw new TributaryError(
      'connection',
      "A part of this package could not be loaded from the app's own server. Load the page anew when it can be reached.",
      { cause },
    );
  }
}

async function openModelSource(options: CheckedOptions, emit: Emit): Promise<ModelSource> {
  const { createModelSource } = await loaded(() => import('../session/model-source.ts'));
  const { createItemTexts } = await loaded(() => import('../session/item-texts.ts'));
  const { storage, modelCache: cache, tfjs, texts } = options;
  return createModelSource({ storage, cache, emit, tfjs, texts: createItemTexts(texts, Date.now) });
}

function asTributaryError(error: unknown): TributaryError {
  return error instanceof TributaryError ? error : new TributaryError('training', reasonOf(error), { cause: error });
}
