import type { EngineName } from '../engine.ts';

/** An engine that cannot be had here. */
export interface EngineMissing {
  readonly name: EngineName;
  /** Why, and what to install, for people. */
  readonly missing: string;
}
