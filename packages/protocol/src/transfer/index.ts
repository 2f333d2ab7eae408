export * from './download.ts';
export * from './upload.ts';
