/**
 * The SDK of a device: consent, the person's own events, recommendations, and training in the background.
 *
 * Order of calls does not matter: events may be tracked before there is consent, a connection or a model (they stay here
 * either way), consent may be given before or after `start()`. What cannot work fails with a `TributaryError` that says so.
 */
import type { History } from '@tributary/model';
import { bytesToHex } from '@tributary/privacy';
import { watchConditions } from '../conditions/conditions.ts';
import { openConsent } from '../conditions/consent.ts';
import { asTributaryError, reasonOf, TributaryError } from '../errors/tributary-error.ts';
import type { FittedPerson } from '../recommend/fitted-person.ts';
import { checkEvent, openJournal } from '../recommend/journal.ts';
import type { PreparedModel } from '../recommend/model-cache.ts';
import { createPrivateStates } from '../recommend/private-state.ts';
import { checkRecommendQuery } from '../recommend/query.ts';
import { createRetrieval } from '../recommend/retrieval.ts';
import type { ModelSource } from '../session/model-source.ts';
import { dropUpload } from '../session/upload-store.ts';
import { defaultStorage } from './default-storage.ts';
import { createEmitter, type TributaryEvents } from './events.ts';
import type { Tributary } from './interface.ts';
import { loaded, openModelSource } from './load-parts.ts';
import { modelOnItsWay } from './model-on-its-way.ts';
import { bindStorage, openCoordinatorKey, openIdentity } from './open-device.ts';
import { type Opened, openWhole } from './open-whole.ts';
import { type CheckedOptions, checkOptions, type OpenedOptions, type TributaryOptions } from './options.ts';
import { createParticipation } from './participation.ts';
import { exportPersonalData } from './personal-data.ts';
import { withCharge } from './round-charge.ts';
import { softwareName } from './software-name.ts';
import { openTabs, type TabNews } from './tabs.ts';

export type { Tributary } from './interface.ts';

/**
 * Opens what this device keeps of a task and, unless `autoStart` is false, takes part as soon as there is consent. Resolves without
 * a connection: nothing is sent before `consent.grant()`. Where it fails nothing stays open but a storage that was passed to it, which
 * only an instance closes: it can be used to try again.
 * @throws TributaryError 'invalid-option', 'storage-…'
 */
export async function createTributary(options: TributaryOptions): Promise<Tributary> {
  const given = checkOptions(options);
  return openWhole((opened) => openTributary(given, opened));
}

async function openTributary(given: CheckedOptions, opened: Opened): Promise<Tributary> {
  const { url, task, random, log, agreement, backoff, requestTimeoutMilliseconds } = given;
  const checked: OpenedOptions = { ...given, storage: given.storage ?? (await defaultStorage(task, log)) };
  const { storage } = checked;
  if (given.storage === undefined) opened(storage.close);
  const { emit, on } = createEmitter(log);
  const tabs = openTabs(storage.sharedAs);
  opened(tabs.close);
  let identity = await tabs.exclusively(async () => {
    await bindStorage(checked);
    return openIdentity(checked);
  });
  const journal = await openJournal(storage);
  let models: Promise<ModelSource> | null = null;
  /** What reads models and what holds rounds loads when it is needed: a page that only asks for consent and tracks is small. */
  function modelSource(): Promise<ModelSource> {
    // What could not be loaded is tried again.
    models ??= openModelSource(checked, emit).catch((error) => {
      models = null;
      throw error;
    });
    return models;
  }
  async function restoredModel(): Promise<PreparedModel | null> {
    if ((await storage.readRecord('model')) === null) return null;
    const source = await modelSource().catch((error) => {
      log({ level: 'warn', message: reasonOf(error) });
      return null;
    });
    return source === null ? null : source.restore(task, await openCoordinatorKey(checked));
  }

  let model: PreparedModel | null = await restoredModel();
  const privateStates = createPrivateStates({ storage, random });
  let paused = (await storage.readRecord('preferences'))?.paused ?? false;

  const consent = await openConsent({
    storage,
    initial: checked.consent,
    version: checked.consentVersion,
    plans: checked.agreement.plans,
    onChange: (status) => {
      emit('consent', { status });
      participation.settle();
    },
  });
  const conditions = await watchConditions(
    checked.conditions,
    () => {
      emit('conditions', { obstacles: conditions.obstacles });
      participation.settle();
    },
    checked.surroundings,
  );
  opened(conditions.close);
  const participation = createParticipation({
    consent,
    conditions,
    paused: () => paused,
    tabs,
    emit,
    async open() {
      const coordinatorKey = await openCoordinatorKey(checked);
      const { createSession } = await loaded(() => import('../session/session.ts'));
      return createSession({
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
        elapsed: () => performance.now(),
        emit: withCharge(emit, conditions),
        log,
        setState: participation.setState,
        historyFor,
        onModel: (next) => takeModel(next, 'downloaded'),
      });
    },
  });

  opened(participation.stop);

  function assertRunning(): void {
    if (participation.stopped) throw new TributaryError('stopped', 'This instance was stopped; create a new one.');
  }

  async function dropOwnUpload(): Promise<void> {
    await participation.end();
    await dropUpload(storage, false);
  }

  let held: (() => void) | null = null;
  function letGo(): void {
    held?.();
    held = null;
  }

  /** Another tab has changed what both keep. */
  async function heard(news: TabNews): Promise<void> {
    if (participation.stopped) return;
    if (news === 'wiped') return void (await tributary.stop());
    if (news === 'consent') {
      await consent.reload();
      paused = (await storage.readRecord('preferences'))?.paused ?? false;
      participation.settle();
      if (consent.status === 'denied') await dropOwnUpload();
      return;
    }
    if (news === 'forgotten') {
      // The other tab waits for this one to let go, and says when it has erased.
      held ??= participation.hold();
      setTimeout(letGo, forgettingMilliseconds);
      return dropOwnUpload();
    }
    if (news === 'model') {
      const stored = await restoredModel();
      if (stored !== null) takeModel(stored, 'stored');
      return;
    }
    await journal.reload();
    privateStates.forget();
    if (given.identity === undefined) identity = await openIdentity(checked);
    letGo();
    emit('history', { events: journal.size });
    participation.dataArrived();
  }

  function historyFor({ catalogue, ownText }: PreparedModel): History {
    return { ...journal.history(catalogue), ownText };
  }

  let warned = false;
  function takeModel(next: PreparedModel, from: 'downloaded' | 'stored'): void {
    if (model?.version.hash === next.version.hash) return;
    model = next;
    if (from === 'downloaded') tabs.tell('model');
    emit('version', versionOf(next));
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
    const running = participation.session;
    if (running !== null && participation.state !== 'offline') await modelOnItsWay(on, running.done);
    if (model !== null) return model;
    throw new TributaryError(
      'no-model',
      consent.status === 'granted'
        ? `No model has been downloaded from ${url} yet; try again once the state is 'waiting'.`
        : 'No model has been downloaded, and without consent none will be. Call consent.grant() first.',
    );
  }

  async function modelInUse(): Promise<PreparedModel> {
    assertRunning();
    const current = await currentModel();
    assertRunning();
    return current;
  }

  async function fittedPerson(): Promise<FittedPerson> {
    const current = await modelInUse();
    const history = historyFor(current);
    return { model: current, history, state: await privateStates.fit(current, history, journal.revision) };
  }

  const retrieval = createRetrieval({ model: modelInUse, person: fittedPerson, texts: checked.texts });
  const { similar, search, explain, whyNot } = retrieval;

  async function setPaused(next: boolean): Promise<void> {
    assertRunning();
    paused = next;
    participation.settle();
    await storage.writeRecord('preferences', { paused });
    tabs.tell('consent');
    if (next) await participation.end();
  }

  const { finished } = participation;
  const tributary: Tributary = {
    consent: {
      get status() {
        return consent.status;
      },
      version: consent.version,
      async grant() {
        assertRunning();
        await consent.grant();
        tabs.tell('consent');
      },
      async revoke() {
        assertRunning();
        await consent.revoke();
        tabs.tell('consent');
        await participation.end();
        await dropUpload(storage, false);
      },
    },
    get state() {
      return participation.state;
    },
    get obstacles() {
      return conditions.obstacles;
    },
    get events() {
      return journal.size;
    },
    get deviceId() {
      return bytesToHex(identity.publicKey);
    },
    start() {
      assertRunning();
      participation.want(true);
    },
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    async stop() {
      if (participation.stopped) return void (await finished);
      await Promise.all([participation.stop(), retrieval.close()]);
      conditions.close();
      tabs.close();
      await storage.close();
      participation.finish();
    },
    async track(event) {
      assertRunning();
      const checkedEvent = checkEvent(event, journal.latestDate(Date.now()));
      if (model !== null && model.catalogue.indexOf(checkedEvent.itemId) === undefined) {
        throw new TributaryError(
          'unknown-item',
          "track() got an itemId that the task's catalogue does not have; the event was not kept. " +
            'Use ids as they stand in the catalogue, or ask the operator to add the item.',
        );
      }
      await journal.add(checkedEvent);
      tabs.tell('events');
      emit('history', { events: journal.size });
      participation.dataArrived();
    },
    async recommend(query = {}) {
      assertRunning();
      const wanted = checkRecommendQuery(query);
      const ranked = await retrieval.rank(wanted);
      participation.modelWanted();
      return { ...ranked, recommendationId: bytesToHex(random.bytes(16)) };
    },
    ...{ similar, search, explain, whyNot },
    async summary() {
      assertRunning();
      const version = model === null ? null : versionOf(model);
      const { summariseDevice } = await loaded(() => import('./device-summary.ts'));
      return summariseDevice({ storage, events: journal.size, version });
    },
    async forget({ identity: withIdentity = false } = {}) {
      assertRunning();
      const again = participation.hold();
      try {
        tabs.tell('forgotten');
        await participation.end();
        await tabs.vacant();
        privateStates.forget();
        await journal.erase();
        await storage.removeRecord('privateVector');
        privateStates.forget();
        await dropUpload(storage, false);
        if (withIdentity) {
          await storage.removeRecord('identity');
          identity = await openIdentity({ ...checked, identity: undefined });
        }
      } finally {
        tabs.tell('events');
        emit('history', { events: journal.size });
        again();
      }
    },
    async wipe() {
      assertRunning();
      await Promise.all([participation.stop(), retrieval.close()]);
      conditions.close();
      tabs.tell('wiped');
      // Nothing that was on its way, such as a vector just fitted, is written between the two.
      const [wiped, closed] = await Promise.allSettled([storage.wipe(), storage.close()]);
      privateStates.forget();
      model = null;
      tabs.close();
      participation.finish();
      for (const each of [wiped, closed]) if (each.status === 'rejected') throw each.reason;
    },
    exportData: () => exportPersonalData(storage),
    on,
    finished,
  };
  tabs.listen((news) => heard(news).catch((error) => emit('error', asTributaryError(error, 'storage-failed'))));
  if (checked.autoStart) tributary.start();
  return tributary;
}

/** How long another tab may take to erase. */
const forgettingMilliseconds = 10_000;

function versionOf({ version: { hash, round, epsilon, delta } }: PreparedModel): TributaryEvents['version'] {
  return { hash, round, epsilon, delta };
}
