import { TributaryError } from '../errors/tributary-error.ts';

/** What this device does not agree to. */
export const refuse = (message: string) => new TributaryError('policy', message);
