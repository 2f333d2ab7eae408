/** Shows what of an encoder would be fetched, and fetches it when it is told to. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openEncoderFolder } from '@tributary/model/encoder/node';
import type { ModelPullOptions } from '../../commands/model-encoder.ts';
import { CommandError } from '../../exit/command-error.ts';
import type { Output } from '../../output/output.ts';
import { plainText, sizeText, textTable } from '../../output/table.ts';
import { checkNewFolder, writeNewFolder } from '../../output/write-new-folder.ts';
import { fetchFile, gitBlobHash } from './fetch-file.ts';
import type { FileOnServer } from './file-on-server.ts';
import { type PullPlan, planPull } from './plan-pull.ts';
import { encoderSource } from './source.ts';

/** @param idle milliseconds that a server may be silent; a minute where left out @throws CommandError `usage`, `network` or `input`; EncoderError where what was fetched is no encoder; the signal's reason */
export async function runModelPull(
  name: string,
  options: ModelPullOptions,
  output: Output,
  signal: AbortSignal,
  idle?: number,
): Promise<void> {
  const { out, sha256 = null, yes = false } = options;
  await checkNewFolder(out);
  const most = options.mostMegabytes * 1_000_000;
  const source = encoderSource(name, options.from);
  if (!source.hasRevisions && options.revision !== 'main') {
    throw new CommandError('usage', 'An address has no revisions, and --revision would have no effect.', {
      advice: 'Leave --revision out, or name the model by its id.',
    });
  }
  const plan = await planPull(source, { revision: options.revision, most, signal, idle });
  checkPromise(plan, sha256);
  showPlan(name, plan, output);
  const shown = { model: name, out, revision: plan.revision, licence: plan.licence, bytes: plan.bytes };
  if (!yes) {
    output.result('Nothing was fetched. The same command with --yes fetches it.');
    output.data({ ...shown, fetched: false, files: plan.files });
    return;
  }
  const { files, hash } = await writeNewFolder(out, async (folder) => {
    const fetched = await fetchAll(plan, folder, { most, sha256, output, signal, idle });
    // Only what opens gets its name.
    return { files: fetched, hash: (await openEncoderFolder(folder)).hash };
  });
  output.result(
    textTable(
      ['file', 'sha256', 'bytes'],
      files.map(({ file, sha256: own, bytes }) => [file, own, String(bytes)]),
      [0, 1],
    ),
  );
  output.result(`wrote ${out}, an encoder with the hash ${hash}`);
  output.data({ ...shown, fetched: true, hash, files });
}

/** What is known to be wrong is not fetched. */
function checkPromise({ files }: PullPlan, sha256: string | null): void {
  if (sha256 === null) return;
  const weights = files.find(({ file }) => file === 'model.safetensors');
  if (!weights) {
    throw new CommandError('usage', 'The weights are in several files, and --sha256 is the hash of one.', {
      advice: 'Leave --sha256 out, and compare the hashes that are printed.',
    });
  }
  if (weights.hash?.kind === 'sha256' && weights.hash.value !== sha256)
    throw otherHash(weights, weights.hash.value, sha256);
}

function showPlan(name: string, { files, revision, bytes, licence }: PullPlan, output: Output): void {
  const hosts = [...new Set(files.map(({ host }) => host))].join(', ');
  output.result(
    `${plainText(name, 200)}${revision === null ? '' : ` at ${revision}`}, licence ${licence ?? 'not named in its model card'}`,
  );
  output.result(`${files.length} files, ${sizeText(bytes)}, from ${plainText(hosts, 200)}:`);
  output.result(
    textTable(
      ['file', 'size', 'hash', 'address'],
      files.map(({ file, size, hash, url }) => [
        file,
        size === null ? 'unknown' : sizeText(size),
        hash === null ? 'unknown' : `${hash.kind} ${hash.value.slice(0, 12)}…`,
        plainText(url, 200),
      ]),
      [0, 2, 3],
    ),
  );
}

interface FetchAllOptions {
  readonly most: number;
  readonly sha256: string | null;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly idle: number | undefined;
}

async function fetchAll(plan: PullPlan, folder: string, { most, sha256, output, signal, idle }: FetchAllOptions) {
  const progress = output.progress('fetching kB', Math.ceil(plan.bytes / 1000));
  let taken = 0;
  const fetched = [];
  try {
    for (const server of plan.files) {
      const { file, url, size, hash } = server;
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      const before = taken;
      const onBytes = (count: number) => {
        taken += count;
        progress.update(Math.floor(taken / 1000), file);
      };
      const result = await fetchFile(url, path, { most, before, size, signal, idle, onBytes });
      const wanted =
        file === 'model.safetensors' && sha256 !== null ? sha256 : hash?.kind === 'sha256' ? hash.value : null;
      if (wanted !== null && result.sha256 !== wanted) throw otherHash(server, result.sha256, wanted);
      if (hash?.kind === 'git-blob') {
        const found = await gitBlobHash(path, result.bytes);
        if (found !== hash.value) throw otherHash(server, found, hash.value, 'git blob hash');
      }
      fetched.push({ file, url, ...result });
    }
    return fetched;
  } finally {
    progress.stop();
  }
}

function otherHash({ file }: FileOnServer, found: string, wanted: string, kind = 'SHA-256'): CommandError {
  return new CommandError('input', `${file} has the ${kind} ${found}; expected ${wanted}. Nothing was kept.`, {
    advice: 'It is another file than the one meant: check the revision, the hash and where it comes from.',
  });
}
