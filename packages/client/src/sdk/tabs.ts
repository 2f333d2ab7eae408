/**
 * Several tabs of one app on one storage: one of them takes part in rounds (Web Locks), and all of them hear what another has changed
 * (BroadcastChannel). Where a storage is not shared, or the runtime has neither, an instance is alone.
 */

/** What another tab has changed in the storage. */
export type TabNews = 'events' | 'model' | 'consent' | 'forgotten' | 'wiped';

export interface Tabs {
  /** Runs alone among the tabs. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * Resolves true when this tab is the one that takes part, which it stays until `resign`; false when the signal fires before.
   * @param onWait called when another tab is
   */
  elect(signal: AbortSignal, onWait: () => void): Promise<boolean>;
  resign(): void;
  /** Resolves when no tab takes part, or after a few seconds. */
  vacant(): Promise<void>;
  /** One after the other, from those that came since the tab was opened. */
  listen(onNews: (news: TabNews) => Promise<void>): void;
  tell(news: TabNews): void;
  close(): void;
}

/** How long a tab that takes part may need to end what it is doing. */
const vacancyMilliseconds = 5000;

const alone: Tabs = {
  exclusively: (work) => work(),
  elect: async (signal) => !signal.aborted,
  resign() {},
  vacant: async () => {},
  listen() {},
  tell() {},
  close() {},
};

/** @param name that the tabs' storage is shared as; undefined where it is not */
export function openTabs(name: string | undefined): Tabs {
  const locks = globalThis.navigator?.locks;
  if (name === undefined || !locks || typeof BroadcastChannel === 'undefined') return alone;
  const channel = new BroadcastChannel(name);
  const early: TabNews[] = [];
  let take = (news: TabNews): void => void early.push(news);
  channel.onmessage = ({ data }) => {
    if (isNews(data)) take(data);
  };
  const trainer = `${name}/trainer`;
  let release: () => void = () => {};

  function hold(signal: AbortSignal, ifAvailable: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const options = ifAvailable ? { ifAvailable } : { signal };
      locks
        .request(trainer, options, async (lock) => {
          if (!lock || signal.aborted) return resolve(false);
          await new Promise<void>((done) => {
            release = done;
            resolve(true);
          });
        })
        .catch(() => resolve(false));
    });
  }

  return {
    exclusively: (work) => locks.request(`${name}/open`, work) as ReturnType<typeof work>,
    async elect(signal, onWait) {
      if (signal.aborted) return false;
      if (await hold(signal, true)) return true;
      onWait();
      return hold(signal, false);
    },
    resign() {
      release();
      release = () => {};
    },
    async vacant() {
      const options = { signal: AbortSignal.timeout(vacancyMilliseconds) };
      await locks.request(trainer, options, async () => {}).catch(() => {});
    },
    listen(onNews) {
      let last: Promise<void> = Promise.resolve();
      take = (news) => {
        last = last.then(() => onNews(news));
      };
      for (const news of early.splice(0)) take(news);
    },
    tell: (news) => channel.postMessage(news),
    close() {
      release();
      channel.close();
    },
  };
}

function isNews(data: unknown): data is TabNews {
  return ['events', 'model', 'consent', 'forgotten', 'wiped'].includes(data as string);
}
