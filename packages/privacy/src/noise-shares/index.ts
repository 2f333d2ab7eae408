export * from './add-noise-share.ts';
export * from './noise-shares.ts';
