export * from './encode-for-sum.ts';
export * from './encode-update.ts';
export * from './error.ts';
export * from './federated-evaluation.ts';
export * from './hold-out.ts';
export * from './train-for-round.ts';
