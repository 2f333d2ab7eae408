export * from './correct.ts';
export * from './deal.ts';
export * from './field.ts';
export * from './reconstruct.ts';
