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
  close(): void;
}

/** The part of an event target that is used. */
export interface Listenable {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

interface Battery extends Listenable {
  readonly charging: boolean;
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
}

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

/** Resolves when battery and quota have answered, if they are there. @param onChange called whenever the obstacles change */
export async function watchConditions(
  options: Required<ConditionsOptions>,
  onChange: () => void,
  surroundings: Surroundings = globalThis as Surroundings,
): Promise<Conditions> {
  const { navigator, document } = surroundings;
  const network = navigator?.connection;
  const battery = await navigator?.getBattery?.().catch(() => null);
  const estimate = await navigator?.storage?.estimate?.().catch(() => null);
  const free = (estimate?.quota ?? Number.POSITIVE_INFINITY) - (estimate?.usage ?? 0);
  const memory = navigator?.deviceMemory ?? Number.POSITIVE_INFINITY;

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

  let obstacles = current();
  const look = () => {
    const next = current();
    if (next.join() === obstacles.join()) return;
    obstacles = next;
    onChange();
  };
  const listened: readonly [Listenable | undefined | null, string][] = [
    [network, 'change'],
    [battery, 'levelchange'],
    [battery, 'chargingchange'],
    [document, 'visibilitychange'],
    [surroundings.addEventListener ? (surroundings as Listenable) : null, 'online'],
    [surroundings.addEventListener ? (surroundings as Listenable) : null, 'offline'],
  ];
  for (const [target, name] of listened) target?.addEventListener(name, look);
  return {
    get obstacles() {
      return obstacles;
    },
    close() {
      for (const [target, name] of listened) target?.removeEventListener(name, look);
    },
  };
}
