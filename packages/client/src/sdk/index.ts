export type {
  Log,
  LogEntry,
  RoundPhase,
  SecureCohort,
  TributaryEventName,
  TributaryEvents,
  TributaryState,
} from './events.ts';
export type { TributaryOptions } from './options.ts';
export { createTributary, type Tributary, type TributaryOutcome } from './tributary.ts';
