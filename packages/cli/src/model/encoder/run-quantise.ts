/** Writes an encoder in int8, and measures what that loses. */
import { encodingAgreement } from '@tributary/model';
import { writeWeights } from '@tributary/model/encoder';
import { openEncoderFolder, readEncoderTexts } from '@tributary/model/encoder/node';
import type { ModelQuantiseOptions } from '../../commands/model-encoder.ts';
import type { Output } from '../../output/output.ts';
import { sizeText } from '../../output/table.ts';
import { checkNewFolder, writeNewFolder } from '../../output/write-new-folder.ts';
import { agreementTable } from './agreement-table.ts';
import { encodeTexts } from './encode-texts.ts';
import { catalogueTexts } from './measured-texts.ts';
import { weightBytes } from './weight-bytes.ts';
import { writeEncoder } from './write-encoder.ts';

/** @throws EncoderError for a bad model, CommandError for a bad catalogue or a folder that is taken */
export async function runModelQuantise(
  options: ModelQuantiseOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { model, out, backend } = options;
  await checkNewFolder(out);
  const texts = await catalogueTexts(options.measure, 2, options.texts);
  const opened = await openEncoderFolder(model);
  const measure = { backend, output, signal };
  // Before anything is written: a model whose numbers cannot be used ends here.
  const full = await encodeTexts(model, texts, { ...measure, title: 'encoding in full' });
  const written = await writeNewFolder(out, async (folder) => {
    const encoder = {
      texts: await readEncoderTexts(model),
      weights: writeWeights(opened.configuration, opened.weights, {
        int8: true,
        metadata: { 'tributary.quantised-from': opened.hash },
      }),
      licence: opened.licence,
      description:
        'Matrices in int8, a scale for each row (`<name>.scale`), quantised by `tributary model quantise` from the encoder with ' +
        `the hash ${opened.hash}. Its licence stays that of the original.`,
    };
    await writeEncoder(folder, encoder, signal);
    const quantised = await encodeTexts(folder, texts, { ...measure, title: 'encoding in int8' });
    const bytes = await weightBytes(folder);
    return { bytes, agreement: encodingAgreement(full.values, quantised.values, full.width) };
  });
  const { hash } = await openEncoderFolder(out);
  const before = await weightBytes(model);
  output.result(`wrote ${out}: ${sizeText(written.bytes)} of weights, ${sizeText(before)} before`);
  output.result(agreementTable([['int8 and full', written.agreement]]));
  output.data({
    out,
    hash,
    from: opened.hash,
    bytes: { before, after: written.bytes },
    catalogue: options.measure,
    agreement: written.agreement,
  });
}
