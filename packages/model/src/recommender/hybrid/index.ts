export { createHybrid, deviceSpecification, type HybridOptions } from './hybrid.ts';
export * from './on-device/index.ts';
