export * from './codec/index.ts';
export * from './messages/messages.ts';
export * from './messages/refusal.ts';
export * from './payload/index.ts';
export * from './task/task-document.ts';
export * from './task/task-json-schema.ts';
export * from './transfer/index.ts';
export * from './version/index.ts';
