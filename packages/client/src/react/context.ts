/** What a provider hands to the hooks below it. */
import { createContext, useContext } from 'react';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Tributary } from '../sdk/tributary.ts';
import type { Instance } from './instance-holder.ts';

export interface Provided {
  readonly instance: Instance<Tributary>;
  /** @throws TributaryError 'stopped' when the provider is gone; whatever kept the instance from being made */
  readonly ready: () => Promise<Tributary>;
}

export const TributaryContext = createContext<Provided | null>(null);

/**
 * @param user the hook or component, named in the error
 * @throws TributaryError 'no-provider'
 */
export function useProvided(user: string): Provided {
  const provided = useContext(TributaryContext);
  if (provided === null) {
    throw new TributaryError(
      'no-provider',
      `${user} was used outside of a <TributaryProvider>. Put <TributaryProvider options={{ url, task }}> around the ` +
        "components that use it, e.g. around the whole app, and import both from the same '@tributary/client/react'.",
    );
  }
  return provided;
}
