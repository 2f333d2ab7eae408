/**
 * A running task: the thin shell around the pure round machine. It keeps who is connected and available, carries out the
 * machine's effects, and opens one round after the other until the task ends.
 */
import { noisePlanOf, payloadSections, RefusalError, type RoundDescriptor, treeLeavesOf } from '@tributary/protocol';
import { chooseUniformly } from '../cohort/select.ts';
import { withoutSmallCount } from '../cohort/small-counts.ts';
import { createServerOptimizer, type ServerOptimizer } from '../optimizer/optimizer.ts';
import { allRoundsDone } from '../recovery.ts';
import { chargeRelease } from '../release/charge-noise-step.ts';
import { countParticipations } from '../release/participation-count.ts';
import { chargeOf, type ReleasedRound, release, subjectOf } from '../release/step-and-publish.ts';
import { StepEndedError } from '../release/step-thread.ts';
import { type NoiseTree, treeOfRound } from '../release/tree-of-rounds.ts';
import {
  limitsOf,
  openRound,
  pauseSecondsAfter,
  type RoundEffect,
  type RoundEvent,
  secondsOf,
  type Transition,
  transition,
} from '../round/index.ts';
import type { TaskStatus } from '../store/store.ts';
import { ownWords } from '../telemetry/own-words.ts';
import { type ActiveRound, openedRound, startedRound } from './active-round.ts';
import { createAggregations } from './create-aggregations.ts';
import { createDownloads } from './downloads.ts';
import { inviteDevices } from './invitation.ts';
import { createRequestHandlers } from './requests.ts';
import { roundViewOf } from './round-view.ts';
import { type Device, type RoundView, summaryOf, type TaskRunner, type TaskSettings, type TaskState } from './task.ts';

/** Steps that may come out as not finite one after the other before the task pauses. */
const mostFailedInARow = 3;

export function createTaskRunner(settings: TaskSettings, initial: TaskState): TaskRunner {
  const { store, identity, random, now, events } = settings;
  const { recommender, ledger, stepThread } = initial;
  const { document } = initial.record;
  const { cohort, evaluation } = document;
  const optimizer: ServerOptimizer = createServerOptimizer(document.optimizer);
  const sections = payloadSections(recommender.contributionLayout.size, evaluation.federated);
  const downloads = createDownloads(store, initial.record.catalogueHash);
  const aggregations = createAggregations(settings, initial, sections);

  let { version, parameters, optimizerState, clipNorm } = initial;
  const leaves = treeLeavesOf(document);
  const participations = countParticipations(document);
  const isAddedToNumbers = ['gaussian', 'tree'].includes(noisePlanOf(document)?.mechanism ?? 'none');
  let tree: NoiseTree | null = null;
  let { lastRound, closedRounds, status, reason } = initial.record;
  const devices = new Map<string, Device>();
  const available = new Set<string>();
  let active: ActiveRound | null = null;
  let pause: ReturnType<typeof setTimeout> | null = null;
  let opening = false;
  /** Versions that are being put in force now. */
  let replacing = 0;
  let closed = false;
  /** Rounds abandoned one after the other. */
  let abandonedInARow = 0;
  let failedInARow = 0;
  /** What still runs in the background. */
  let work: Promise<void> = Promise.resolve();

  const background = (task: () => Promise<void>): void => {
    work = work.then(task).catch(pauseAfter);
  };

  /** A store that does not take a round cannot run rounds: pause rather than lose count. */
  async function pauseAfter(error: unknown): Promise<void> {
    // The next start finds the round open, and abandons it.
    if (closed && error instanceof StepEndedError) return;
    events.failure(error);
    if (status !== 'running') return;
    const words = ownWords(error);
    const paused = endTask('paused', words).catch((failure) => {
      events.failure(failure);
      // The store does not even take the pause: hold still all the same.
      status = 'paused';
      reason = words;
    });
    // Whatever the round was doing, its devices are told; a release that failed is over.
    dispatch({ kind: 'release-failed', reason: words });
    dispatch({ kind: 'stopped', reason: words });
    await paused;
  }

  /** For timers: what goes wrong in them must not end the process. */
  const guarded = (action: () => void) => () => {
    try {
      action();
    } catch (error) {
      background(() => Promise.reject(error));
    }
  };

  // ---- rounds ------------------------------------------------------------------------------------------------------------

  /** Opens a round when the task runs, none is open and somebody is there. */
  function openWhenDue(): void {
    if (closed || replacing || opening || active || pause || status !== 'running' || available.size === 0) return;
    opening = true;
    background(async () => {
      try {
        if (closed || replacing || status !== 'running') return;
        const round = lastRound + 1;
        const record = openedRound(document.task, round, now());
        await store.openRound(record);
        lastRound = round;
        if (closed || replacing || status !== 'running') {
          await store.endRound({
            ...record,
            outcome: 'abandoned',
            reason: 'the task was stopped, or another version came into force',
            endedAt: now(),
          });
          return;
        }
        if (leaves !== null) tree = treeOfRound(tree, round, leaves);
        const opened = openRound(round, limitsOf(document), [...available].filter(mayTakePart));
        active = startedRound(opened.state, record);
        apply(opened);
      } finally {
        opening = false;
      }
    });
  }

  /** In a tree of noise, once; else as often as the claim allows. */
  const mayTakePart = (device: string) => !tree?.members.has(device) && !participations.isExhausted(device);

  function dispatch(event: RoundEvent): void {
    if (event.kind === 'device-available' && !mayTakePart(event.device)) return;
    if (active) apply(transition(active.state, event));
  }

  function apply({ state, effects }: Transition): void {
    if (!active) return;
    const before = active.state;
    active.state = state;
    if (before.phase !== state.phase) {
      const seconds = (now() - active.phaseBegan) / 1000;
      events.phaseEnded({ task: document.task, phase: before.phase, seconds });
      active.phaseBegan = now();
    }
    for (const effect of effects) carryOut(effect);
    if (active && (before !== state || effects.length > 0)) announce();
  }

  function carryOut(effect: RoundEffect): void {
    const round = active;
    if (!round) return;
    switch (effect.kind) {
      case 'start-deadline': {
        if (round.deadline) clearTimeout(round.deadline);
        round.deadline = setTimeout(
          guarded(() => dispatch({ kind: 'deadline', phase: effect.phase })),
          secondsOf(effect.phase, cohort) * 1000,
        );
        break;
      }
      case 'select':
        dispatch({ kind: 'selected', devices: chooseUniformly(round.state.available, effect.count, random) });
        break;
      case 'invite':
        invite(round, effect.devices);
        break;
      case 'stop-collecting':
        stopCollecting(round);
        break;
      case 'advance':
        // The deadline is over with its phase.
        if (round.deadline) clearTimeout(round.deadline);
        round.deadline = null;
        // The next message asks devices for the shares that open the sum.
        if (effect.phase === 'acknowledging') background(() => chargeBeforeReveal(round));
        else round.aggregation?.secure?.advance();
        break;
      case 'release':
        background(() => releaseRound(round));
        break;
      case 'end':
        endRound(round, effect.outcome, effect.reason);
        break;
    }
  }

  function invite(round: ActiveRound, invited: readonly string[]): void {
    const { descriptor } = inviteDevices(round, invited, {
      task: document,
      particulars: {
        modelVersion: version.hash,
        layoutHash: recommender.layout.hash,
        contributionLayoutHash: recommender.contributionLayout.hash,
        sections,
        clipNorm,
        treeFirstRound: tree?.firstRound ?? null,
        nonce: random.bytes(32),
      },
      identity,
      aggregations,
      port: {
        dispatch,
        deviceOf: (id) => devices.get(id) ?? null,
        open: () => active === round,
        failed: events.failure,
      },
    });
    for (const id of invited) {
      const device = devices.get(id);
      if (device) device.notify('invitation', descriptor);
      else dispatch({ kind: 'device-lost', device: id });
    }
  }

  /** A device that comes back while its answer is awaited may have missed the invitation, or what came after it. */
  function showAgain(device: Device): void {
    if (active?.descriptor && active.state.devices.get(device.id) === 'invited') {
      device.notify('invitation', active.descriptor);
      active.aggregation?.secure?.show(device);
    }
  }

  function stopCollecting(round: ActiveRound): void {
    if (round.deadline) clearTimeout(round.deadline);
    round.deadline = null;
    round.record = {
      ...round.record,
      contributions: round.state.uploaded,
      bytesReceived: round.aggregation?.uploads.bytesReceived ?? 0,
    };
    round.aggregation?.uploads.end();
  }

  /** A round as its charge and its release see it. */
  const releasedRound = (round: ActiveRound, descriptor: RoundDescriptor): ReleasedRound => ({
    document,
    ledger,
    tree,
    version,
    descriptor,
    roundHash: round.hash,
    contributors: round.contributors,
    round: round.record,
  });

  async function chargeBeforeReveal(round: ActiveRound): Promise<void> {
    const { aggregation, descriptor } = round;
    if (!aggregation || !descriptor || active !== round) return;
    const charge = await chargeRelease(chargeOf(releasedRound(round, descriptor)));
    if (charge.kind === 'refused') {
      dispatch({ kind: 'advance-failed', reason: charge.reason });
      return endTask('budget-spent', charge.reason);
    }
    round.charge = { ...charge, subject: subjectOf(releasedRound(round, descriptor)) };
    if (charge.kind === 'charged') participations.charged(round.contributors);
    if (active === round) aggregation.secure?.advance();
    else await abandonCharge(round, 'the round ended while it was charged');
  }

  /** The charge stays: somebody may have seen the sum. */
  async function abandonCharge(round: ActiveRound, words: string): Promise<void> {
    const { charge } = round;
    round.charge = null;
    if (charge?.kind === 'charged') await ledger?.abandoned(charge.subject, words.slice(0, 300));
  }

  async function releaseRound(round: ActiveRound): Promise<void> {
    const { aggregation, descriptor, charge } = round;
    if (!aggregation || !descriptor || active !== round) return;
    round.charge = null;
    const outcome = await release({
      ...releasedRound(round, descriptor),
      ...(charge && { charge }),
      store,
      identity,
      random,
      now,
      recommender,
      ...(stepThread && { direction: stepThread.direction }),
      optimizer,
      optimizerState,
      shared: parameters,
      sum: (noise) => aggregation.openSum(noise),
      engine: () => aggregation.engine,
    });
    if (!charge && outcome.kind !== 'refused') participations.charged(round.contributors);
    if (outcome.kind === 'released') {
      ({ version, parameters, optimizerState, clipNorm } = outcome);
      closedRounds += 1;
      failedInARow = 0;
      round.record = outcome.round;
      events.version(version);
      if (outcome.spend) events.spent(document.population, outcome.spend);
      // Exact where noise comes after the opening: then it is nobody's to see.
      if (aggregation.fill !== null && !isAddedToNumbers) events.filled(document.task, aggregation.fill);
      dispatch({ kind: 'released' });
      if (closedRounds >= document.rounds) await endTask('completed', allRoundsDone(document.rounds));
      return;
    }
    dispatch({ kind: 'release-failed', reason: outcome.reason });
    if (outcome.kind === 'refused') await endTask('budget-spent', outcome.reason);
    // One bad sum costs a round; a task whose steps keep failing needs its operator.
    else if (++failedInARow >= mostFailedInARow) await endTask('paused', outcome.reason);
  }

  function endRound(round: ActiveRound, outcome: 'closed' | 'abandoned', words: string): void {
    stopCollecting(round);
    if (outcome === 'abandoned') {
      round.record = { ...round.record, outcome, reason: words, endedAt: now() };
      const { record } = round;
      background(() => store.endRound(record));
      if (round.charge) background(() => abandonCharge(round, words));
    }
    abandonedInARow = outcome === 'abandoned' ? abandonedInARow + 1 : 0;
    announce();
    events.roundEnded(round.record);
    finishRound();
    const content = {
      round: round.record.round,
      outcome,
      reason: withoutSmallCount(words, cohort.minimum).slice(0, 300),
      version: outcome === 'closed' ? version : null,
    };
    for (const device of devices.values()) device.notify('roundEnded', content);
    scheduleNext();
  }

  /** Lets go of the round; its sum is zeroed. */
  function finishRound(): void {
    if (!active) return;
    const round = active;
    active = null;
    if (round.deadline) clearTimeout(round.deadline);
    round.aggregation?.dispose();
  }

  function scheduleNext(): void {
    if (closed || status !== 'running' || pause) return;
    pause = setTimeout(
      guarded(() => {
        pause = null;
        openWhenDue();
      }),
      1000 * pauseSecondsAfter(abandonedInARow, cohort),
    );
  }

  async function endTask(next: Exclude<TaskStatus, 'running'>, words: string): Promise<void> {
    // What was paused may still be stopped; what has ended stays ended.
    if (status !== 'running' && !(status === 'paused' && next !== 'paused')) return;
    const before = { status, reason };
    status = next;
    reason = words;
    if (pause) clearTimeout(pause);
    pause = null;
    try {
      await store.setTaskStatus(document.task, next, words);
    } catch (error) {
      // What was not written did not happen: it can be tried again.
      ({ status, reason } = before);
      scheduleNext();
      throw error;
    }
    events.task({ task: document.task, status, reason });
    if (next === 'paused') return;
    await stepThread?.close();
    await aggregations.close();
    for (const device of devices.values()) device.notify('taskEnded', { reason: words.slice(0, 300), version });
  }

  function announce(): void {
    const current = view();
    if (current) events.round(current);
  }

  const view = (): RoundView | null =>
    active && roundViewOf(active, { document, connected: devices.size, available: available.size, closedRounds });

  const handlers = createRequestHandlers({
    minimum: cohort.minimum,
    uploadBytes: aggregations.uploadBytes,
    identityLog: settings.identityLog,
    available,
    downloads,
    events,
    dispatch,
    isConnected: (device) => devices.get(device.id) === device,
    joined: openWhenDue,
    refusedByPolicy: participations.refused,
    showAgain,
    now: () => ({ status: closed ? 'closing' : status, active, lastRound, version, parameters }),
  });

  return {
    id: document.task,
    get running() {
      // A pause is a failure to be mended, a shutdown ends with the next start: neither is the end of the task for a device.
      return status === 'running' || status === 'paused';
    },
    get version() {
      return version;
    },
    summary: summaryOf(initial),
    view,
    start: openWhenDue,
    connected(device) {
      if (!devices.has(device.id)) events.connected(1);
      devices.set(device.id, device);
      dispatch({ kind: 'device-returned', device: device.id });
    },
    disconnected(device) {
      if (devices.get(device.id) !== device) return;
      devices.delete(device.id);
      events.connected(-1);
      available.delete(device.id);
      active?.aggregation?.uploads.abandonWaiting(device.id);
      dispatch({ kind: 'device-lost', device: device.id });
    },
    async handle(device, name, content) {
      const handler = handlers[name];
      if (!handler) throw new RefusalError('out-of-phase', `${name} is not for an open session.`);
      return handler(device, content);
    },
    async replaceVersion(publish) {
      replacing += 1;
      try {
        dispatch({ kind: 'stopped', reason: 'another model version came into force' });
        await work;
        ({ version, parameters } = await publish());
        optimizerState = optimizer.initialState;
        events.version(version);
        return version;
      } finally {
        replacing -= 1;
        openWhenDue();
      }
    },
    async stop(next, words) {
      if (active?.state.phase === 'releasing') await work;
      dispatch({ kind: 'stopped', reason: words });
      await endTask(next, words);
      await work;
    },
    async close() {
      closed = true;
      if (pause) clearTimeout(pause);
      pause = null;
      // A release that has begun ends by itself, but for a step that takes minutes; a round before it is abandoned.
      if (active && active.state.phase !== 'releasing')
        dispatch({ kind: 'stopped', reason: 'the coordinator is shutting down' });
      await stepThread?.close();
      await work;
      finishRound();
      await aggregations.close();
    },
  };
}
