export type { DeviceProgress, DeviceTable } from './device-table.ts';
export * from './limits.ts';
export * from './read-secure-sum.ts';
export * from './secure-plan.ts';
export * from './state.ts';
export * from './transition.ts';
