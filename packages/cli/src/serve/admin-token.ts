/** The secret of admin calls: given by whoever starts the coordinator, or made once and kept beside the store. */
import { randomBytes } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../exit/command-error.ts';

/** The file in the store's folder. */
export const adminTokenFile = 'admin-token';
/** The variable that holds a token, for `serve` and for commands that call it. */
export const adminTokenVariable = 'TRIBUTARY_ADMIN_TOKEN';
const minimumLength = 16;

export interface AdminToken {
  readonly token: string;
  /** Where it was read from or written to; null when it was given. */
  readonly file: string | null;
  /** Whether it was made just now. */
  readonly made: boolean;
}

/** @throws CommandError `usage` when a token is too short to be a secret. */
export function checkedToken(token: string): string {
  if (token.length >= minimumLength && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CommandError(
    'usage',
    `The admin token is not a secret of at least ${minimumLength} printable characters.`,
    {
      advice: `Make one, e.g. by \`openssl rand -hex 32\`, and give it by ${adminTokenVariable}; or give none, and one is made.`,
    },
  );
}

/**
 * The token given, or else the one in the store's folder, which is made (256 random bits, readable by its owner alone) when
 * there is none.
 */
export async function openAdminToken(storeFolder: string, given: string | undefined): Promise<AdminToken> {
  if (given !== undefined) return { token: checkedToken(given), file: null, made: false };
  const file = join(storeFolder, adminTokenFile);
  try {
    const token = randomBytes(32).toString('base64url');
    await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
    return { token, file, made: true };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
  }
  const { mode } = await stat(file);
  // Somebody copied the folder, or loosened it: what others can read is not left open to them any longer.
  if ((mode & 0o077) !== 0) await chmod(file, 0o600);
  return { token: checkedToken((await readFile(file, 'utf8')).trim()), file, made: false };
}
