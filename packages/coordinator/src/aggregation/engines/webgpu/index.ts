export * from './missing.ts';
export { openWebgpuEngine } from './webgpu-engine.ts';
