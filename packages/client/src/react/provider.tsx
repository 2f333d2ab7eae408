import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Tributary } from '../sdk/tributary.ts';
import { activityOf } from './activity.ts';
import { type Provided, TributaryContext } from './context.ts';
import { type InstanceHolder, loadingInstance } from './instance-holder.ts';
import { holderOf, type ProviderOptions } from './open-instance.ts';

export type TributaryProviderProps = { readonly children?: ReactNode } & (
  | { readonly options: ProviderOptions; readonly client?: undefined }
  | { readonly client: Tributary; readonly options?: undefined }
);

/**
 * Gives the components below it one instance of the SDK.
 *
 * With `options` the provider makes the instance once it is mounted, shares it with other providers of the same options,
 * function or storage, and stops it after the last of them is gone; on a server none is made. Options are read at the first
 * render: give the provider another `key` to change them. With `client` the instance stays the app's own to stop.
 * @throws TributaryError 'invalid-option' when it is given neither, or both
 */
export function TributaryProvider({ options, client, children }: TributaryProviderProps): ReactNode {
  if ((options === undefined) === (client === undefined)) {
    throw new TributaryError(
      'invalid-option',
      '<TributaryProvider> expects either options={{ url, task }} or client={await createTributary(…)}.',
    );
  }
  if (client !== undefined) return <GivenClient client={client as Tributary}>{children}</GivenClient>;
  return <MadeClient options={options as ProviderOptions}>{children}</MadeClient>;
}

function GivenClient({ client, children }: { readonly client: Tributary; readonly children: ReactNode }) {
  // From here on, so that nothing is missed before a component asks for it.
  useEffect(() => void activityOf(client), [client]);
  const provided = useMemo<Provided>(
    () => ({ instance: { status: 'ready', client, error: null }, ready: async () => client }),
    [client],
  );
  return <TributaryContext value={provided}>{children}</TributaryContext>;
}

function MadeClient({ options, children }: { readonly options: ProviderOptions; readonly children: ReactNode }) {
  const [holder] = useState<InstanceHolder<Tributary>>(() => holderOf(options));
  const instance = useSyncExternalStore(holder.hold, holder.instance, () => loadingInstance);
  const provided = useMemo<Provided>(() => ({ instance, ready: holder.ready }), [instance, holder]);
  return <TributaryContext value={provided}>{children}</TributaryContext>;
}
