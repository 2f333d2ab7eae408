export * from './messages/messages.ts';
export * from './messages/refusal.ts';
export * from './task/task-document.ts';
