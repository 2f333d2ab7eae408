export * from './accountant.ts';
export * from './analytic-gaussian.ts';
export * from './calibrate.ts';
export * from './event.ts';
export * from './rdp.ts';
export * from './tree-events.ts';
