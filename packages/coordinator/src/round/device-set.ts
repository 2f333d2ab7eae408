/**
 * The available devices, as a persistent set by the method of device-table.ts: along one line of versions, which is how a round
 * runs, adding and removing are O(1), so that ten thousand devices that join cost ten thousand steps and not their square.
 */
export interface DeviceSet extends Iterable<string> {
  readonly size: number;
  has(device: string): boolean;
  /** A set with the device. */
  with(device: string): DeviceSet;
  /** A set without it. */
  without(device: string): DeviceSet;
}

export function deviceSet(devices: Iterable<string> = []): DeviceSet {
  return setOf({ members: new Set(devices), change: null });
}

interface Version {
  /** All members, in the newest version only. */
  members: Set<string> | null;
  /** In the others: the device in which the version after differs, and whether this version has it. */
  change: { readonly device: string; readonly present: boolean; readonly after: Version } | null;
}

function setOf(version: Version): DeviceSet {
  const changed = (device: string, present: boolean): DeviceSet => {
    const members = membersOf(version);
    const next: Version = { members, change: null };
    put(members, device, present);
    version.members = null;
    version.change = { device, present: !present, after: next };
    return setOf(next);
  };
  const set: DeviceSet = {
    get size() {
      return membersOf(version).size;
    },
    has: (device) => membersOf(version).has(device),
    with: (device) => (set.has(device) ? set : changed(device, true)),
    without: (device) => (set.has(device) ? changed(device, false) : set),
    [Symbol.iterator]: () => membersOf(version).values(),
  };
  return set;
}

/** Moves the members to this version, turning the differences on the way around. */
function membersOf(version: Version): Set<string> {
  const path: Version[] = [];
  let holder = version;
  while (holder.change) {
    path.push(holder);
    holder = holder.change.after;
  }
  const members = holder.members as Set<string>;
  for (const next of path.reverse()) {
    const { device, present } = next.change as NonNullable<Version['change']>;
    holder.members = null;
    holder.change = { device, present: members.has(device), after: next };
    put(members, device, present);
    next.members = members;
    next.change = null;
    holder = next;
  }
  return members;
}

function put(members: Set<string>, device: string, present: boolean): void {
  if (present) members.add(device);
  else members.delete(device);
}
