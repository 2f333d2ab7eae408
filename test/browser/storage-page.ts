/** What the tests' pages run to be storages: the browser's own IndexedDB, spoken to from outside. */
import {
  createTributary,
  indexedDbStorage,
  type Storage,
  StorageError,
  type TrackedEvent,
  type Tributary,
  type TributaryOptions,
} from '@tributary/client';

/** Bytes on their way between a page and a test, in base 64. */
export interface SentBytes {
  readonly sentBytes: string;
}

export type Outcome =
  | { readonly value: unknown }
  | { readonly error: { readonly kind: string; readonly code: string | undefined; readonly message: string } };

export interface StoragePage {
  /** @returns what the storage is called from then on */
  open(name: string): Promise<Outcome>;
  call(storage: number, method: keyof Storage, input: readonly unknown[]): Promise<Outcome>;
  /** The SDK with the storage that a page has by default. */
  openDevice(options: TributaryOptions): Promise<void>;
  device(): Tributary;
  /** @returns 'tracked', or the code and message of the error */
  track(event: TrackedEvent): Promise<string>;
  /** What the SDK has warned of. */
  readonly logged: string[];
  /** Takes the space that the site has left, but for a few events; of random bytes, which the browser cannot make smaller. */
  fill(): Promise<void>;
}

declare global {
  var storagePage: StoragePage;
}

const storages: Storage[] = [];
const logged: string[] = [];
let opened: Tributary | null = null;

async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    const value = await work();
    return { value: value instanceof Uint8Array ? { sentBytes: base64(value) } : value };
  } catch (error) {
    const { code, message } = error as StorageError;
    return {
      error: { kind: error instanceof StorageError ? 'StorageError' : String((error as Error).name), code, message },
    };
  }
}

function base64(bytes: Uint8Array): string {
  let characters = '';
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}

/** A caller that goes on using what it has passed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const key of Object.keys(value)) (value as Record<string, unknown>)[key] = 'spoilt';
}

globalThis.storagePage = {
  open: (name) => outcomeOf(async () => storages.push(await indexedDbStorage({ name })) - 1),
  call: (storage, method, input) =>
    outcomeOf(async () => {
      const received = input.map((one) => {
        const sent = (one as Partial<SentBytes> | null)?.sentBytes;
        return sent === undefined ? one : Uint8Array.from(atob(sent), (character) => character.charCodeAt(0));
      });
      const call = storages[storage][method] as (...input: readonly unknown[]) => Promise<unknown>;
      const done = call(...received);
      for (const one of received) spoil(one);
      return done;
    }),
  async openDevice(options) {
    const log: TributaryOptions['log'] = ({ level, message }) => level === 'warn' && logged.push(message);
    opened = await createTributary({ ...options, log });
  },
  device() {
    if (opened === null) throw new Error('openDevice() first');
    return opened;
  },
  async track(event) {
    const outcome = await outcomeOf(() => this.device().track(event));
    return 'error' in outcome ? `${outcome.error.code}: ${outcome.error.message}` : 'tracked';
  },
  logged,
  async fill() {
    const storage = await indexedDbStorage({ name: 'ballast' });
    for (const size of [60_000, 10_000, 1000]) {
      for (let full = false, n = 0; !full; n++) {
        full = await storage.writeBlob(`${size}-${n}`, crypto.getRandomValues(new Uint8Array(size))).then(
          () => false,
          () => true,
        );
      }
    }
    await storage.close();
  },
};
