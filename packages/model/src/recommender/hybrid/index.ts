export { createHybrid, deviceSpecification, type HybridOptions } from './hybrid.ts';
