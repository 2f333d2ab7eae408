/** A storage of a page as a test in Node uses it. */
import { type Storage, StorageError } from '@tributary/client';
import type { Page } from 'playwright-core';
import type { Outcome, SentBytes } from './storage-page.ts';

const methods = [
  'appendInteraction',
  'listInteractions',
  'keepLatestInteractions',
  'eraseInteractions',
  'readRecord',
  'writeRecord',
  'removeRecord',
  'readBlob',
  'writeBlob',
  'keepBlobs',
  'wipe',
  'close',
] as const satisfies readonly (keyof Storage)[];

function answerOf(outcome: Outcome): unknown {
  if ('value' in outcome) {
    const bytes = (outcome.value as Partial<SentBytes> | null | undefined)?.sentBytes;
    return bytes === undefined ? outcome.value : new Uint8Array(Buffer.from(bytes, 'base64'));
  }
  const { kind, code, message } = outcome.error;
  throw kind === 'StorageError'
    ? new StorageError(code as StorageError['code'], message)
    : new Error(`${kind}: ${message}`);
}

/** Opens the page's IndexedDB of this name. @throws StorageError what the page threw, with its code and message */
export async function openRemoteStorage(page: Page, name: string): Promise<Storage> {
  const storage = answerOf(await page.evaluate((of) => globalThis.storagePage.open(of), name)) as number;
  const call = async (method: (typeof methods)[number], input: readonly unknown[]) => {
    const sent = input.map((one) =>
      one instanceof Uint8Array ? { sentBytes: Buffer.from(one).toString('base64') } : one,
    );
    return answerOf(
      await page.evaluate(([of, what, given]) => globalThis.storagePage.call(of, what, given), [
        storage,
        method,
        sent,
      ] as const),
    );
  };
  return Object.fromEntries(
    methods.map((method) => [method, (...input: readonly unknown[]) => call(method, input)]),
  ) as unknown as Storage;
}
