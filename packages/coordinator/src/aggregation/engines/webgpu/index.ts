export * from './missing.ts';
export { openWebgpuEngine, type WebgpuEngine } from './webgpu-engine.ts';
