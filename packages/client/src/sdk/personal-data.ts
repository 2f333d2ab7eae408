/** What a person may take with them: all that the device keeps of them. */
import type { Storage, StorageRecords, StoredInteraction } from '../storage/storage.ts';

/** What `exportData` gives: plain JSON. */
export interface PersonalData {
  readonly task: string | null;
  /** Public key of the device, in hex; the secret one is not exported. */
  readonly deviceId: string | null;
  readonly consent: StorageRecords['consent'] | null;
  readonly preferences: StorageRecords['preferences'] | null;
  readonly interactions: readonly StoredInteraction[];
  readonly privateVector: StorageRecords['privateVector'] | null;
  /** Rounds that this device took part in, and what they spent. */
  readonly participation: StorageRecords['participation'] | null;
  readonly secureParticipation: StorageRecords['secureParticipation'] | null;
}

export async function exportPersonalData(storage: Storage): Promise<PersonalData> {
  const [task, identity, consent, preferences, privateVector, participation, secureParticipation] = await Promise.all([
    storage.readRecord('task'),
    storage.readRecord('identity'),
    storage.readRecord('consent'),
    storage.readRecord('preferences'),
    storage.readRecord('privateVector'),
    storage.readRecord('participation'),
    storage.readRecord('secureParticipation'),
  ]);
  return {
    task: task?.task ?? null,
    deviceId: identity?.publicKey ?? null,
    consent,
    preferences,
    interactions: await storage.listInteractions(),
    privateVector,
    participation,
    secureParticipation,
  };
}
