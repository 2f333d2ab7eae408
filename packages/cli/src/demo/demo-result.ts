/** What a demo gives back: the one JSON shape of runs with what only a demo knows, and its text for people. */
import type { EngineName, RoundRecord } from '@tributary/coordinator';
import type { QualityReport } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';
import { coldItemsTable, privacyText, qualityTable } from '../output/quality-table.ts';
import { plainText, sizeText, textTable } from '../output/table.ts';
import { ownQuality } from './watch-rounds.ts';

export interface ShownItem {
  readonly id: string;
  readonly title: string;
}

export type ReportedQuality = Pick<QualityReport, 'sampled' | 'full'>;

export interface DemoResult {
  readonly data: {
    readonly name: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
  };
  readonly plan: TaskDocument;
  /** Rounds that closed. */
  readonly rounds: number;
  /** Wall-clock seconds of everything, and of its parts. */
  readonly seconds: number;
  readonly secondsOf: { readonly joining: number; readonly training: number; readonly measuring: number };
  readonly metrics: Readonly<Record<'random' | 'popularity' | 'federated' | 'central', ReportedQuality>>;
  /** With `--hybrid`: NDCG@20 of items that nobody was given; `cfOnly` is the central twin, by interactions alone. */
  readonly coldItems?: {
    readonly items: number;
    readonly 'ndcg@20': Readonly<Record<'random' | 'cfOnly' | 'federated' | 'popularityOracle', number>>;
    readonly warmFullNdcg10: { readonly federated: number; readonly cfOnly: number };
  };
  readonly bytes: {
    /** Bytes of the upload, as the devices counted them. */
    readonly uploadPerDeviceRound: number;
    /** Bytes of model versions, the last one included, over the rounds, as the devices counted them. */
    readonly downloadPerDeviceRound: number;
    /** The catalogue, fetched once by each device. */
    readonly cataloguePerDevice: number;
  };
  readonly privacy: {
    readonly plan: string;
    readonly epsilon: number | null;
    readonly delta: number | null;
    readonly assumption: string;
    /** Under the plan `secure`: devices of a round, mask neighbours of each, shares that open a secret. */
    readonly cohort?: number;
    readonly neighbours?: number;
    readonly threshold?: number;
  };
  readonly devices: number;
  readonly seed: number;
  readonly split: string;
  readonly evaluatedOn: 'test';
  readonly version: string;
  readonly store: string;
  /** Means of the devices' own rankings of what they hold out themselves, before each round. */
  readonly history: readonly {
    readonly round: number;
    readonly outcome: string;
    readonly contributions: number;
    readonly ownFullNdcg10: number | null;
    /** What added the round up, and took the masks off. */
    readonly engine: EngineName | null;
  }[];
  /** One made-up or public person: what the device holds, and what it recommends. */
  readonly example: {
    readonly device: number;
    readonly history: readonly ShownItem[];
    readonly recommendations: readonly (ShownItem & { readonly score: number })[];
  };
}

export function historyOfRounds(rounds: readonly RoundRecord[]): DemoResult['history'] {
  return rounds.map((record) => ({
    round: record.round,
    outcome: record.outcome,
    contributions: record.contributions,
    ownFullNdcg10: ownQuality(record),
    engine: record.engine,
  }));
}

/** Items of the history that are shown, the latest ones. */
const shownHistory = 8;

/** The result for people. */
export function demoText(result: DemoResult): string {
  const { bytes, example, metrics } = result;
  const ratio = (of: ReportedQuality, to: ReportedQuality) => (of.full['ndcg@10'] / to.full['ndcg@10']).toFixed(2);
  const history = example.history.slice(-shownHistory);
  const lines = textTable(
    [`latest of device ${example.device}'s history`, 'its five recommendations'],
    Array.from({ length: Math.max(history.length, example.recommendations.length) }, (_, row) => [
      plainText(history[row]?.title ?? '', 38),
      plainText(example.recommendations[row]?.title ?? '', 38),
    ]),
    [0, 1],
  );
  return [
    qualityTable(metrics),
    `federated full NDCG@10: ${ratio(metrics.federated, metrics.popularity)} x popularity, ` +
      `${ratio(metrics.federated, metrics.central)} x central twin`,
    ...(result.coldItems ? ['', coldItemsTable(result.coldItems)] : []),
    '',
    `per device and round: ${sizeText(bytes.uploadPerDeviceRound)} up, ${sizeText(bytes.downloadPerDeviceRound)} down; ` +
      `catalogue once: ${sizeText(bytes.cataloguePerDevice)}`,
    privacyText(result.privacy),
    '',
    lines,
    '',
    `${result.devices} devices, ${result.rounds} rounds in ${result.seconds.toFixed(1)} s. ` +
      `The store is in ${result.store}; open it with: tributary serve --store ${result.store}`,
  ].join('\n');
}
