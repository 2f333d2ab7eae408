/**
 * What became of each invited device, as a persistent map: an update gives a new table and leaves the older ones as they were.
 * Along one line of versions, which is how a round runs, an update is O(1) (Baker 1991, "Shallow binding makes functional arrays
 * fast": the newest version holds the map, the others the difference to the next), so that a round of n devices costs O(n).
 */
/**
 * What became of an invited device. `invited`: its answer of the current phase is awaited; `away`: so too, but its connection is
 * lost, and it may come back until the deadline. Plan `secure`: `answered` in this phase; `dropped`, since it did not answer in an
 * earlier one; `excluded`, since what it sent does not hold.
 */
export type DeviceProgress = 'invited' | 'away' | 'answered' | 'uploaded' | 'declined' | 'dropped' | 'excluded';

export interface DeviceTable {
  readonly size: number;
  /** Devices that could still answer: invited, or away and able to return. */
  readonly pending: number;
  get(device: string): DeviceProgress | undefined;
  has(device: string): boolean;
  values(): IterableIterator<DeviceProgress>;
  /** A device that is in the table moves to another progress. */
  with(device: string, progress: DeviceProgress): DeviceTable;
  /** A table for the next phase: the named are `invited` again, and who is neither declined nor excluded is `dropped`. O(size). */
  awaiting(devices: Iterable<string>): DeviceTable;
}

/** Everybody `invited`. */
export function invitedDevices(devices: Iterable<string>): DeviceTable {
  const map = new Map<string, DeviceProgress>();
  for (const device of devices) map.set(device, 'invited');
  return tableOf({ map, change: null }, map.size);
}

interface Version {
  /** The whole map, in the newest version only. */
  map: Map<string, DeviceProgress> | null;
  /** In the others: what is different from the version after. */
  change: { readonly device: string; readonly progress: DeviceProgress; readonly after: Version } | null;
}

function tableOf(version: Version, pending: number): DeviceTable {
  return {
    pending,
    get size() {
      return mapOf(version).size;
    },
    get: (device) => mapOf(version).get(device),
    has: (device) => mapOf(version).has(device),
    values: () => mapOf(version).values(),
    with(device, progress) {
      const map = mapOf(version);
      const before = map.get(device);
      if (before === undefined) throw new RangeError('Only an invited device has progress in a round.');
      const next: Version = { map, change: null };
      map.set(device, progress);
      version.map = null;
      version.change = { device, progress: before, after: next };
      return tableOf(next, pending - Number(isPending(before)) + Number(isPending(progress)));
    },
    awaiting(devices) {
      const named = new Set(devices);
      const map = new Map<string, DeviceProgress>();
      let awaited = 0;
      for (const [device, progress] of mapOf(version)) {
        const out = progress === 'declined' || progress === 'excluded';
        const next = out ? progress : named.has(device) ? 'invited' : 'dropped';
        map.set(device, next);
        if (next === 'invited') awaited += 1;
      }
      return tableOf({ map, change: null }, awaited);
    },
  };
}

/** Moves the map to this version, turning the differences on the way around. */
function mapOf(version: Version): Map<string, DeviceProgress> {
  const path: Version[] = [];
  let holder = version;
  while (holder.change) {
    path.push(holder);
    holder = holder.change.after;
  }
  const map = holder.map as Map<string, DeviceProgress>;
  for (const next of path.reverse()) {
    const { device, progress } = next.change as NonNullable<Version['change']>;
    holder.map = null;
    holder.change = { device, progress: map.get(device) as DeviceProgress, after: next };
    map.set(device, progress);
    next.map = map;
    next.change = null;
    holder = next;
  }
  return map;
}

function isPending(progress: DeviceProgress): boolean {
  return progress === 'invited' || progress === 'away';
}
