/** One identity log for each population whose tasks register identities. */
import type { Identity } from '@tributary/privacy';
import { secureSettingsOf, type TaskDocument } from '@tributary/protocol';
import type { IdentityPort } from '../store/store.ts';
import { openPopulationLog, type PopulationLog } from './population-log.ts';

export interface IdentityLogs {
  /** The log of a task's population, opened at its first task; null where the task registers no identities. @throws StoreError */
  of(task: Pick<TaskDocument, 'population' | 'privacy'>): Promise<PopulationLog | null>;
  /** A log that a task has opened. */
  known(population: string): Promise<PopulationLog | null>;
}

export function createIdentityLogs(port: IdentityPort, coordinator: Identity): IdentityLogs {
  const logs = new Map<string, Promise<PopulationLog>>();
  return {
    async of({ population, privacy }) {
      if (privacy.plan !== 'secure' || secureSettingsOf(privacy).identities !== 'registry') return null;
      const before = logs.get(population);
      if (before) return before;
      const opened = openPopulationLog(port, population, coordinator);
      logs.set(population, opened);
      // What could not be read now may be read at another try.
      opened.catch(() => logs.delete(population));
      return opened;
    },
    known: async (population) => logs.get(population) ?? null,
  };
}
