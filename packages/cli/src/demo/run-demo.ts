/** The whole river on one machine: a coordinator, devices in processes, a task, and what came of it. */
import {
  type Coordinator,
  chooseRoundEngine,
  createCoordinator,
  createLog,
  type EngineName,
  loadCoordinatorIdentity,
  openStore,
  type Store,
} from '@tributary/coordinator';
import {
  type ColdItemSplit,
  createRecommender,
  deviceSpecification,
  historyOf,
  type Split,
  splitColdItems,
  trainCentralImplicitAls,
} from '@tributary/model';
import { type Dataset, splitLeaveLastOneOut } from '@tributary/model/data';
import { systemRandom } from '@tributary/privacy';
import {
  type AggregationPlan,
  minimumSecureCohort,
  recommenderSpecificationOf,
  type TaskDocument,
} from '@tributary/protocol';
import { destination } from 'pino';
import { loadData, syntheticName } from '../data/load-data.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { softwareVersion } from '../software-version.ts';
import { encodeCatalogue } from '../text/encode-items.ts';
import { type DemoResult, demoText, historyOfRounds, type ShownItem } from './demo-result.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { FleetTraffic } from './fleet-messages.ts';
import { measureBaselines, measureColdItems, measureModel } from './measure.ts';
import { demoTask, demoTaskId } from './plan.ts';
import { drawPopulation } from './population.ts';
import { privacyPlanText, secureCohortOf } from './secure-cohort.ts';
import { prepareDemoFolder } from './store-folder.ts';
import { watchRounds } from './watch-rounds.ts';

export interface DemoOptions {
  readonly data?: string;
  readonly devices: number;
  readonly rounds: number;
  readonly store: string;
  readonly seed: number;
  readonly processes: number;
  readonly privacy: AggregationPlan;
  readonly hybrid: boolean;
  readonly engine: EngineName | 'auto';
}

/** Alternations of the central twin; it has converged by then. */
const centralSweeps = 15;
const recommendedItems = 5;
/** Of the items, withheld from everybody with `--hybrid`. */
const coldShare = 0.2;

/** Runs the demo. Whatever happens, its processes and its coordinator end with it. */
export async function runDemo(options: DemoOptions, output: Output, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { devices, rounds, seed, privacy, hybrid } = options;
  const source = options.data ?? syntheticName;
  const whole = drawPopulation(await loadData(source, { seed, users: devices }), devices, seed);
  const cold = hybrid ? splitColdItems(whole.interactions, coldShare, seed) : null;
  const dataset = cold ? { ...whole, interactions: cold.train } : whole;
  // The devices are given the training part alone; the held-out items stay in this process, which only ranks them.
  const split = splitLeaveLastOneOut(dataset, { negatives: 99, seed, purpose: 'test' });
  if (privacy === 'secure' && devices < minimumSecureCohort) {
    throw new CommandError(
      'usage',
      `The plan "secure" needs at least ${minimumSecureCohort} devices; got ${devices}: a sum over fewer says too much.`,
      {
        advice: `Run it with --devices ${minimumSecureCohort} or more, or with --privacy sealed, which is weaker.`,
      },
    );
  }
  const task = demoTask({ devices, rounds, seed, privacy, hybrid });
  output.note(`${dataset.name}: ${devices} people on ${devices} devices, ${dataset.items.length} items`);
  output.note(privacyPlanText(task));

  await prepareDemoFolder(options.store);
  const store = await openStore(options.store);
  let coordinator: Coordinator | null = null;
  let fleet: Fleet | null = null;
  try {
    coordinator = await createCoordinator({
      store,
      identity: await loadCoordinatorIdentity(options.store, systemRandom),
      host: '127.0.0.1',
      port: 0,
      encodeItems: (items) => encodeCatalogue(items, { output, signal }),
      engines: await chooseRoundEngine(options.engine),
      log: createLog({ level: 'error', destination: destination({ dest: 2, sync: true }) }),
    });
    await coordinator.createTask(task, dataset.items);
    const joining = output.progress('devices joined', devices);
    let joinedAt = 0;
    fleet = startFleet({
      url: coordinator.url,
      task: demoTaskId,
      coordinatorKey: coordinator.publicKey,
      plan: privacy,
      devices: devicesOf(dataset, split),
      processes: options.processes,
      onJoined: (count) => {
        joining.update(count);
        if (count < devices) return;
        joining.stop();
        joinedAt = performance.now();
      },
      onFailed: output.note,
    });
    const [records, traffic] = await Promise.race([
      Promise.all([watchRounds(store, demoTaskId, rounds, output, signal), fleet.ended]),
      fleet.broken,
    ]).finally(joining.stop);
    const trainedAt = performance.now();
    const { metrics, coldItems } = measureAll(task, split, cold, seed, await publishedParameters(store));
    const example = await exampleOf(fleet, dataset, split);
    const now = performance.now();
    const result: DemoResult = {
      data: {
        name: dataset.name,
        users: devices,
        items: dataset.items.length,
        interactions: dataset.interactions.items.length,
      },
      plan: task,
      rounds: records.filter(({ outcome }) => outcome === 'closed').length,
      seconds: (now - started) / 1000,
      secondsOf: {
        joining: (joinedAt - started) / 1000,
        training: (trainedAt - joinedAt) / 1000,
        measuring: (now - trainedAt) / 1000,
      },
      metrics,
      ...(coldItems ? { coldItems } : {}),
      bytes: bytesPerDevice(traffic, devices),
      privacy: {
        plan: task.privacy.plan,
        epsilon: null,
        delta: null,
        assumption: assumptionOf(task),
        ...secureCohortOf(task),
      },
      devices,
      seed,
      split: split.name,
      evaluatedOn: 'test',
      version: softwareVersion,
      store: options.store,
      history: historyOfRounds(records),
      example,
    };
    output.result(demoText(result));
    output.data(result);
  } finally {
    await fleet?.stop();
    await coordinator?.close();
    await store.close();
  }
}

function assumptionOf({ privacy, cohort }: TaskDocument): string {
  const trust =
    privacy.plan === 'secure'
      ? `the coordinator saw sums of at least ${cohort.minimum} contributions, and never a single one.`
      : 'whoever runs the coordinator must be trusted not to look at single contributions.';
  return `No noise is added, so nothing is proven about what the model tells of a person; ${trust}`;
}

function devicesOf(dataset: Dataset, split: Split) {
  return dataset.userIds.map((_, device) => ({
    device,
    itemIds: Array.from(historyOf(split.train, device), (item) => dataset.items[item].id),
  }));
}

/** The parameters that the coordinator published last. */
async function publishedParameters(store: Store): Promise<Float32Array> {
  const record = await store.task(demoTaskId);
  const version = record && (await store.version(record.currentVersion));
  const parameters = version && (await store.parameters(version.version.parametersHash));
  if (!parameters) throw new CommandError('store', 'The store does not hold the version that was published last.');
  return parameters;
}

function measureAll(
  task: TaskDocument,
  split: Split,
  cold: ColdItemSplit | null,
  seed: number,
  parameters: Float32Array,
): Pick<DemoResult, 'metrics' | 'coldItems'> {
  const specification = recommenderSpecificationOf(task, split.train.itemCount);
  const isHybrid = specification.kind === 'hybrid' && specification.plan === 'public-items';
  if (specification.kind !== 'implicit-als' && !isHybrid) {
    throw new TypeError('The demo trains implicit-als or its hybrid by public items.');
  }
  const byInteractions = specification.kind === 'hybrid' ? deviceSpecification(specification) : specification;
  const recommender = createRecommender(byInteractions);
  const twin = trainCentralImplicitAls(byInteractions, split.train, { sweeps: centralSweeps, seed });
  const federated = measureModel(recommender, parameters, split, seed);
  const central = measureModel(recommender, twin, split, seed);
  const metrics = { ...measureBaselines(split, seed), federated, central };
  if (!cold) return { metrics };
  const coldItems = {
    items: cold.cold.length,
    'ndcg@20': measureColdItems(
      { ...cold, train: split.train },
      recommender,
      { federated: parameters, cfOnly: twin },
      seed,
    ),
    warmFullNdcg10: { federated: federated.full['ndcg@10'], cfOnly: central.full['ndcg@10'] },
  };
  return { metrics, coldItems };
}

/** The device with the history of median length, asked through its own SDK. */
async function exampleOf(fleet: Fleet, dataset: Dataset, split: Split): Promise<DemoResult['example']> {
  const byLength = dataset.userIds
    .map((_, device) => device)
    .sort((a, b) => historyOf(split.train, a).length - historyOf(split.train, b).length);
  const device = byLength[Math.floor(byLength.length / 2)];
  const titles = new Map(dataset.items.map(({ id, title }) => [id, title]));
  const shown = (id: string): ShownItem => ({ id, title: titles.get(id) ?? id });
  const recommended = await fleet.recommend(device, recommendedItems);
  return {
    device,
    history: Array.from(historyOf(split.train, device), (item) => shown(dataset.items[item].id)),
    recommendations: recommended.map(({ id, score }) => ({ ...shown(id), score })),
  };
}

function bytesPerDevice({ up, modelsDown, cataloguesDown, contributions }: FleetTraffic, devices: number) {
  return {
    uploadPerDeviceRound: Math.round(up / contributions),
    downloadPerDeviceRound: Math.round(modelsDown / contributions),
    cataloguePerDevice: Math.round(cataloguesDown / devices),
  };
}
