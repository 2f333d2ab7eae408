import { openBuiltInEncoder } from '../built-in/open.ts';
import type { OpenedEncoder } from '../opened-encoder.ts';
import { openEncoderFolder } from './open-folder.ts';

/** The encoder of a folder, or the one that comes with the package. @throws EncoderError for a bad folder */
export async function openEncoder(folder: string | null): Promise<OpenedEncoder> {
  return folder === null ? openBuiltInEncoder() : openEncoderFolder(folder);
}
