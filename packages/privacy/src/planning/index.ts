export * from './budget-warnings.ts';
export * from './forecast.ts';
export * from './growth.ts';
