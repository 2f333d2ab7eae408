export * from './aborted.ts';
export * from './download.ts';
export * from './upload.ts';
