/**
 * Whether this is a moment to take part: network, battery, visibility, memory and storage, as far as the runtime tells. What it does not
 * tell is no obstacle. Recommendations and tracking go on whatever the conditions.
 */
import { TributaryError } from '../errors/tributary-error.ts';

/** When to take part, as far as the runtime tells; what it does not tell is no obstacle. */
export interface ConditionsOptions {
  /** Whether to take part over networks that are paid by volume, or where the person asks to save data; false by default. */
  readonly meteredNetwork?: boolean;
  /** Least charge of a battery that is not being charged, in [0, 1]; 0.3 by default, 1: only while charging. */
  readonly minimumCharge?: number;
  /** Whether to take part while the page is hidden; true by default. */
  readonly hidden?: boolean;
  /** Least memory of the device [GiB]; 0.5 by default. */
  readonly minimumMemory?: number;
  /** Least free quota of the site [bytes]; 20 MB by default. */
  readonly minimumQuota?: number;
}

/** What stands against taking part now. */
export type Obstacle = 'offline' | 'metered-network' | 'battery' | 'hidden' | 'memory' | 'quota';

export interface Conditions {
  /** None: this is a good moment. */
  readonly obstacles: readonly Obstacle[];
  /** Of a battery that is not being charged, in [0, 1]; null where it is, or where the runtime does not tell. */
  readonly charge: number | null;
  close(): void;
}

/** The part of an event target that is used. */
export interface Listenable {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

interface Battery extends Listenable {
  readonly charging: boolean;
  /** In [0, 1]; NaN where nobody knows it. */
  readonly level: number;
}
interface Network extends Listenable {
  readonly saveData?: boolean;
  readonly type?: string;
}

/** The parts of a browser that are asked. */
export interface Surroundings {
  readonly navigator?: {
    readonly onLine?: boolean;
    readonly deviceMemory?: number;
    readonly connection?: Network;
    getBattery?(): Promise<Battery>;
    readonly storage?: { estimate?(): Promise<{ quota?: number; usage?: number }> };
  };
  readonly document?: Listenable & { readonly visibilityState: string };
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
  /** Resolves when all of it is known, where that takes a while. Called while its changes are listened to. */
  ready?(): Promise<unknown>;
}

/** How long surroundings may take to know themselves; after it, what they have not told is no obstacle. */
const readyMilliseconds = 1000;

const defaults: Required<ConditionsOptions> = {
  meteredNetwork: false,
  minimumCharge: 0.3,
  hidden: true,
  minimumMemory: 0.5,
  minimumQuota: 20e6,
};

/** @throws TributaryError 'invalid-option' */
export function checkConditions(options: ConditionsOptions = {}): Required<ConditionsOptions> {
  const checked = { ...defaults, ...options };
  for (const name of ['meteredNetwork', 'hidden'] as const) {
    if (typeof checked[name] !== 'boolean') {
      throw new TributaryError('invalid-option', `conditions.${name} must be true or false.`);
    }
  }
  for (const name of ['minimumCharge', 'minimumMemory', 'minimumQuota'] as const) {
    const most = name === 'minimumCharge' ? 1 : Number.MAX_VALUE;
    if (!(checked[name] >= 0 && checked[name] <= most)) {
      throw new TributaryError(
        'invalid-option',
        `conditions.${name} must be a number from 0${most === 1 ? ' to 1' : ''}.`,
      );
    }
  }
  return checked;
}

/**
 * Resolves when battery, quota and whatever the surroundings wait for have answered, or have taken too long.
 * @param onChange called whenever the obstacles change from then on
 */
export async function watchConditions(
  options: Required<ConditionsOptions>,
  onChange: () => void,
  surroundings: Surroundings = globalThis as Surroundings,
): Promise<Conditions> {
  const { navigator, document } = surroundings;
  const network = navigator?.connection;
  const memory = navigator?.deviceMemory ?? Number.POSITIVE_INFINITY;
  let battery: Battery | null | undefined = null;
  let free = Number.POSITIVE_INFINITY;

  const current = (): Obstacle[] => {
    const found: Obstacle[] = [];
    if (navigator?.onLine === false) found.push('offline');
    if (!options.meteredNetwork && (network?.saveData || network?.type === 'cellular')) found.push('metered-network');
    if (battery && !battery.charging && battery.level < options.minimumCharge) found.push('battery');
    if (!options.hidden && document?.visibilityState === 'hidden') found.push('hidden');
    if (memory < options.minimumMemory) found.push('memory');
    if (free < options.minimumQuota) found.push('quota');
    return found;
  };

  let obstacles: readonly Obstacle[] = [];
  let answered = false;
  const look = () => {
    if (!answered) return;
    const next = current();
    if (next.join() === obstacles.join()) return;
    obstacles = next;
    onChange();
  };
  const stops: (() => void)[] = [];
  function close(): void {
    for (const stop of stops.splice(0)) stop();
  }
  function listen(target: Listenable | undefined | null, ...names: readonly string[]): void {
    for (const name of names) {
      target?.addEventListener(name, look);
      stops.push(() => target?.removeEventListener(name, look));
    }
  }

  try {
    // Before anything is waited for: some surroundings learn of themselves only while somebody listens.
    listen(network, 'change');
    listen(document, 'visibilitychange');
    listen(surroundings.addEventListener ? (surroundings as Listenable) : null, 'online', 'offline');
    const ready = surroundings.ready && noLongerThan(readyMilliseconds, surroundings.ready());
    battery = await navigator?.getBattery?.().catch(() => null);
    listen(battery, 'levelchange', 'chargingchange');
    const estimate = await navigator?.storage?.estimate?.().catch(() => null);
    free = (estimate?.quota ?? Number.POSITIVE_INFINITY) - (estimate?.usage ?? 0);
    await ready;
  } catch (error) {
    close();
    throw error;
  }
  answered = true;
  obstacles = current();
  return {
    get obstacles() {
      return obstacles;
    },
    get charge() {
      return battery && !battery.charging && Number.isFinite(battery.level) ? battery.level : null;
    },
    close,
  };
}

/** Never rejects. */
async function noLongerThan(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => {}), over]);
  clearTimeout(timer);
}
