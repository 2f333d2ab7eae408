/** Identity logs as rows. */
import { bytesToHex, hexToBytes } from '@tributary/privacy';
import type { Database } from './schema.ts';
import { StoreError } from './store-error.ts';

/** Rows of one statement: databases bound the parameters of each. */
const rowsAtOnce = 250;

/** @throws StoreError 'damaged' when a position is missing or an identity cannot be read */
export async function listIdentities(database: Database, population: string, from: number): Promise<Uint8Array[]> {
  const rows = await database
    .selectFrom('identity')
    .select(['position', 'identity'])
    .where('population', '=', population)
    .where('position', '>=', from)
    .orderBy('position')
    .execute();
  return rows.map(({ position, identity }, index) => {
    if (Number(position) !== from + index || !/^[0-9a-f]{64}$/.test(identity)) {
      throw new StoreError(
        'damaged',
        `The identity log of population '${population}' was changed at position ${from + index}. Restore a backup.`,
      );
    }
    return hexToBytes(identity);
  });
}

/** In a transaction. */
export async function appendIdentities(
  database: Database,
  population: string,
  position: number,
  identities: readonly Uint8Array[],
): Promise<boolean> {
  const { size } = await database
    .selectFrom('identity')
    .select((e) => e.fn.countAll().as('size'))
    .where('population', '=', population)
    .executeTakeFirstOrThrow();
  const names = identities.map(bytesToHex);
  if (Number(size) !== position || new Set(names).size !== names.length) return false;
  const parts = Array.from({ length: Math.ceil(names.length / rowsAtOnce) }, (_, part) =>
    names.slice(part * rowsAtOnce, (part + 1) * rowsAtOnce),
  );
  for (const part of parts) {
    const known = await database
      .selectFrom('identity')
      .select('position')
      .where('population', '=', population)
      .where('identity', 'in', part)
      .limit(1)
      .execute();
    if (known.length > 0) return false;
  }
  let next = position;
  for (const part of parts) {
    await database
      .insertInto('identity')
      .values(part.map((identity, index) => ({ population, position: next + index, identity })))
      .execute();
    next += part.length;
  }
  return true;
}
