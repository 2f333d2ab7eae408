/** From what an app gives a provider to the holder of its instance. */
import type { TributaryOptions } from '../sdk/options.ts';
import { createTributary, type Tributary } from '../sdk/tributary.ts';
import { activityOf } from './activity.ts';
import { createInstanceHolder, type InstanceHolder } from './instance-holder.ts';

/**
 * Options, or a function that makes them whenever an instance is made: in the browser only, never during a render. A storage
 * is closed with its instance, so an app whose provider comes and goes passes a function that opens one.
 */
export type ProviderOptions = TributaryOptions | (() => TributaryOptions | Promise<TributaryOptions>);

/** By storage where there is one, for what must not be shared is the storage. */
const holders = new WeakMap<object, InstanceHolder<Tributary>>();

/** The same holder for the same options, function or storage. Makes no instance yet. */
export function holderOf(options: ProviderOptions): InstanceHolder<Tributary> {
  const key = typeof options === 'function' ? options : (options.storage ?? options);
  const known = holders.get(key);
  if (known !== undefined) return known;
  const made = createInstanceHolder(() => open(options));
  holders.set(key, made);
  return made;
}

async function open(options: ProviderOptions): Promise<Tributary> {
  if (typeof options !== 'function') return create(options);
  const made = await options();
  try {
    return await create(made);
  } catch (error) {
    // It was opened for this instance alone; left open, its lock would keep the next one out.
    await made.storage?.close().catch(() => {});
    throw error;
  }
}

async function create(options: TributaryOptions): Promise<Tributary> {
  const client = await createTributary(options);
  // At once: a download may be on its way before the first component asks.
  activityOf(client);
  return client;
}
