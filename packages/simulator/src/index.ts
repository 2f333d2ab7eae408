export type { DeviceRoundBytes } from './engine/device-round-bytes.ts';
export * from './engine/options.ts';
export * from './engine/result.ts';
export { type SimulateSeedsOptions, simulate, simulateSeeds } from './engine/simulate.ts';
export { seriesColours, seriesDashes } from './report/chart.ts';
export { type ChartSpecification, chartFile } from './report/chart-file.ts';
export { type ModelName, type RunMetrics, type RunResult, toRunResultJson } from './report/run-result.ts';
export { type ReportFiles, writeReport } from './report/write-report.ts';
