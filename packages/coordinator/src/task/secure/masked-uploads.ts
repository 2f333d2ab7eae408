/** Uploads of the plan `secure`: what a device says of its masked vector is checked before a byte of it is taken. */
import {
  hasZeroPadding,
  maskedVectorLength,
  packedSections,
  SecureAggregationError,
  type SecureRound,
  type SecureServer,
} from '@tributary/privacy';
import { RefusalError } from '@tributary/protocol';
import { type Announcement, createRoundUploads, type RoundUploads, type UploadsOptions } from '../uploads.ts';
import type { SecureRoundShell } from './secure-round-shell.ts';

export function createMaskedUploads(
  options: Pick<UploadsOptions, 'round' | 'places' | 'idleMilliseconds'> & {
    readonly sections: SecureRound['sections'];
    readonly server: Pick<SecureServer, 'checkStatement' | 'uploaded'>;
    readonly checked: SecureRoundShell['checked'];
    /** Memory to receive a vector in; null: any. */
    memory(): Uint8Array | null;
    /** Takes the packed sections of each vector, whose memory is used again when it returns. */
    add(packed: readonly Uint8Array[]): void;
  },
): RoundUploads {
  const { sections, server, checked, memory, add, round, places, idleMilliseconds } = options;
  return createRoundUploads({
    round,
    expected: maskedVectorLength(sections),
    places,
    idleMilliseconds,
    memory,
    announced(device, announcement) {
      const statement = statementOf(announcement);
      checked(device, () => server.checkStatement(device, statement, announcement.sha256));
    },
    complete(device, bytes, announcement) {
      const packed = packedSections(bytes, sections);
      checked(device, () => {
        checkPadding(packed, sections);
        // Before it is added: what the server refuses leaves the sum as it was.
        server.uploaded(device, statementOf(announcement), announcement.sha256);
      });
      add(packed);
    },
  });
}

function statementOf({ statement }: Announcement): NonNullable<Announcement['statement']> {
  if (statement === null) {
    throw new RefusalError('not-verified', 'A masked upload is opened with a signed statement; this one has none.');
  }
  return statement;
}

/** @throws SecureAggregationError 'malformed' */
function checkPadding(packed: readonly Uint8Array[], sections: SecureRound['sections']): void {
  packed.forEach((section, index) => {
    const { length, bits } = sections[index];
    if (hasZeroPadding(section, length, bits)) return;
    throw new SecureAggregationError(
      'malformed',
      `Section ${index} of the masked vector has bits set past its last coordinate; they must be zero. It was not added.`,
    );
  });
}
