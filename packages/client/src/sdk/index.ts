export type { DeviceSummary } from './device-summary.ts';
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
export type { TributaryOutcome } from './participation.ts';
export type { PersonalData } from './personal-data.ts';
export { createTributary, type Tributary } from './tributary.ts';
