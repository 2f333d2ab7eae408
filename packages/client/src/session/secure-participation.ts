/** What a device writes down of secure rounds, before the bytes that follow from it leave. */
import { bytesToHex, type MechanismEvent } from '@tributary/privacy';
import type { SecureAgreement } from '../agreement/agreement.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Storage, StorageRecords } from '../storage/storage.ts';
import { readParticipation } from './upload-store.ts';

type Record = StorageRecords['secureParticipation'];

/** Model versions remembered: to come back to an older one, a coordinator needs as many contributions to others. */
const kept = 256;
/** Answers remembered: two of each roster. */
const keptAnswers = 64;
const day = 86_400_000;

async function read(storage: Storage): Promise<Record> {
  return (await storage.readRecord('secureParticipation')) ?? { versions: [], answered: [], rosters: [] };
}

/**
 * The device enters a roster: the round's number is taken, whatever becomes of it.
 * @throws TributaryError 'policy' when it has contributed to the model version, or entered too many rosters
 */
export async function enterRoster(
  storage: Storage,
  agreement: SecureAgreement,
  round: { readonly round: number; readonly modelVersion: string },
  now: number,
): Promise<void> {
  const record = await read(storage);
  const before = record.versions.find(({ version }) => version === round.modelVersion)?.contributions ?? 0;
  if (before >= agreement.contributionsPerVersion) {
    throw new TributaryError(
      'policy',
      `This device has contributed to model version ${round.modelVersion.slice(0, 12)} ${before} time(s) already; ` +
        'it takes part again with the next version.',
    );
  }
  const rosters = record.rosters.filter((at) => now - at < day);
  if (rosters.length >= agreement.rostersPerDay) {
    throw new TributaryError(
      'policy',
      `This device has entered ${rosters.length} rosters in 24 hours, as many as it agrees to; it waits.`,
    );
  }
  await storage.writeRecord('secureParticipation', { ...record, rosters: [...rosters, now] });
  const participation = await readParticipation(storage);
  const lastRound = Math.max(participation.lastRound, round.round);
  await storage.writeRecord('participation', { ...participation, lastRound });
}

/** A contribution to the version is about to leave. @param spends what it spends; null where devices add no noise */
export async function recordContribution(
  storage: Storage,
  modelVersion: string,
  spends: MechanismEvent | null = null,
): Promise<void> {
  const record = await read(storage);
  const before = record.versions.find(({ version }) => version === modelVersion)?.contributions ?? 0;
  const others = record.versions.filter(({ version }) => version !== modelVersion);
  const versions = [...others, { version: modelVersion, contributions: before + 1 }].slice(-kept);
  await storage.writeRecord('secureParticipation', { ...record, versions });
  const participation = await readParticipation(storage);
  await storage.writeRecord('participation', {
    ...participation,
    uploads: participation.uploads + 1,
    spent: spends ? withEvent(participation.spent, spends) : participation.spent,
  });
}

/** As further steps of an event that is equal but for them. */
function withEvent(spent: readonly MechanismEvent[], event: MechanismEvent): readonly MechanismEvent[] {
  const kindOf = (of: MechanismEvent) => JSON.stringify({ ...of, steps: 1 });
  const kind = kindOf(event);
  const known = spent.find((of) => kindOf(of) === kind);
  if (!known) return [...spent, event];
  return spent.map((of) => (of === known ? { ...of, steps: of.steps + event.steps } : of));
}

/** The masked vector is in the sum. */
export async function countContribution(storage: Storage): Promise<void> {
  const participation = await readParticipation(storage);
  const contributions = participation.contributions + 1;
  await storage.writeRecord('participation', { ...participation, contributions });
}

/**
 * The device is about to answer what it was shown of a roster.
 * @throws TributaryError 'unsafe-round' when it has done so before: a second answer could differ
 */
export async function recordAnswer(
  storage: Storage,
  rosterHash: Uint8Array,
  what: 'acknowledged' | 'revealed',
): Promise<void> {
  const record = await read(storage);
  const hash = bytesToHex(rosterHash);
  if (record.answered.some((one) => one.rosterHash === hash && one.what === what)) {
    throw new TributaryError('unsafe-round', `This device has ${what} this roster already; it answers once.`);
  }
  const answered = [...record.answered, { rosterHash: hash, what }].slice(-keptAnswers);
  await storage.writeRecord('secureParticipation', { ...record, answered });
}
