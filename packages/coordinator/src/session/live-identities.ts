/** One live connection per task and identity. A later one takes over only from a connection that no longer answers. */

export interface LiveConnection {
  /** Whether the other end answers a transport ping in time. */
  answers(milliseconds: number): Promise<boolean>;
  disconnect(): void;
}

export interface LiveIdentities {
  /** @returns false when another connection holds the identity and answers */
  claim(key: string, connection: LiveConnection): Promise<boolean>;
  release(key: string, connection: LiveConnection): void;
}

export function createLiveIdentities(probeMilliseconds: number): LiveIdentities {
  const live = new Map<string, LiveConnection>();
  return {
    async claim(key, connection) {
      const holder = live.get(key);
      if (holder && holder !== connection) {
        if (await holder.answers(probeMilliseconds)) return false;
        holder.disconnect();
        // Somebody else may have claimed it while we waited.
        const now = live.get(key);
        if (now && now !== holder) return false;
      }
      live.set(key, connection);
      return true;
    },
    release(key, connection) {
      if (live.get(key) === connection) live.delete(key);
    },
  };
}
