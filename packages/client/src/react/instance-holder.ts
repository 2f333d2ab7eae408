/**
 * One instance for as many components as hold it. An instance is made when the first one takes hold and stopped when the last
 * one has let go, a turn of the event loop later: strict mode, fast refresh and a change of routes let go and take hold again
 * at once, and `stop()` is final. Making and stopping never overlap, so two instances never share a storage.
 */
import { TributaryError } from '../errors/tributary-error.ts';
import type { Tributary } from '../sdk/tributary.ts';

export type Instance<Client extends Tributary = Tributary> =
  | { readonly status: 'loading'; readonly client: null; readonly error: null }
  | { readonly status: 'ready'; readonly client: Client; readonly error: null }
  | { readonly status: 'error'; readonly client: null; readonly error: Error };

export interface InstanceHolder<Client extends Tributary = Tributary> {
  instance(): Instance<Client>;
  /** Holds the instance until the returned function is called. */
  hold(onChange: () => void): () => void;
  /**
   * The instance, once it is there.
   * @throws TributaryError 'stopped' when nobody holds it; whatever kept it from being made
   */
  ready(): Promise<Client>;
}

export const loadingInstance = { status: 'loading', client: null, error: null } as const;

/** @param open makes an instance; called again after a stop, when somebody takes hold anew */
export function createInstanceHolder<Client extends Tributary>(open: () => Promise<Client>): InstanceHolder<Client> {
  let instance: Instance<Client> = loadingInstance;
  let settling = false;
  const holds = new Set<() => void>();
  const waiting = new Set<() => void>();

  function publish(next: Instance<Client>): void {
    instance = next;
    for (const onChange of [...holds, ...waiting]) onChange();
  }

  async function settle(): Promise<void> {
    if (settling) return;
    settling = true;
    for (;;) {
      if (holds.size > 0 && instance.status === 'loading') publish(await opened(open));
      else if (holds.size === 0 && instance.status !== 'loading') {
        await nextTurn();
        if (holds.size > 0) continue;
        const { client } = instance;
        publish(loadingInstance);
        // Nobody is left who could be told; what could not be closed ends with the page.
        await client?.stop().catch(() => {});
      } else break;
    }
    settling = false;
    for (const onChange of [...waiting]) onChange();
  }

  return {
    instance: () => instance,
    hold(onChange) {
      // Wrapped, so that one function that holds twice is two holds.
      const mine = () => onChange();
      holds.add(mine);
      void settle();
      return () => {
        holds.delete(mine);
        void settle();
      };
    },
    async ready() {
      // Effects of children run before the provider's own, which holds.
      if (holds.size === 0) await nextTurn();
      return new Promise((resolve, reject) => {
        const check = () => {
          if (instance.status === 'loading' && (holds.size > 0 || settling)) return;
          waiting.delete(check);
          if (instance.status === 'ready') resolve(instance.client);
          else reject(instance.error ?? new TributaryError('stopped', 'The <TributaryProvider> is no longer mounted.'));
        };
        waiting.add(check);
        check();
      });
    },
  };
}

async function opened<Client extends Tributary>(open: () => Promise<Client>): Promise<Instance<Client>> {
  try {
    return { status: 'ready', client: await open(), error: null };
  } catch (error) {
    return { status: 'error', client: null, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
