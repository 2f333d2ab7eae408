/** Makes a small encoder out of some layers of a large one, trained to say what the large one says of a catalogue's texts. */
import { encodingAgreement, seededRandom, shuffle } from '@tributary/model';
import {
  createAdapter,
  createTrainableEncoder,
  distil,
  evenLayers,
  loadNetwork,
  mergeAdapter,
  networkWeights,
  type OpenedEncoder,
  studentTexts,
  studentWeights,
  wholeLayers,
  writeWeights,
} from '@tributary/model/encoder';
import { openEncoderFolder, readEncoderTexts } from '@tributary/model/encoder/node';
import type { ModelDistilOptions } from '../../commands/model-encoder.ts';
import type { Output } from '../../output/output.ts';
import { sizeText } from '../../output/table.ts';
import { checkNewFolder, writeNewFolder } from '../../output/write-new-folder.ts';
import { useBackend } from '../../text/load-encoder.ts';
import { agreementTable } from './agreement-table.ts';
import { encodeTexts } from './encode-texts.ts';
import { catalogueTexts } from './measured-texts.ts';
import { weightBytes } from './weight-bytes.ts';
import { writeEncoder } from './write-encoder.ts';

/** Of the texts, kept away from training for the measure. */
const heldOutShare = 0.2;
const batchSize = 16;
/** Tokens of a pass: the way back keeps some tens of MB for an encoder of width 384. */
const tokensPerBatch = 512;

/** @throws EncoderError for a bad teacher or number of layers, CommandError for a bad catalogue or a folder that is taken */
export async function runModelDistil(options: ModelDistilOptions, output: Output, signal: AbortSignal): Promise<void> {
  const { model, out, backend, seed } = options;
  await checkNewFolder(out);
  const texts = shuffle([...(await catalogueTexts(options.catalogue, 10, options.texts))], seededRandom(seed));
  const heldOut = Math.max(2, Math.floor(heldOutShare * texts.length));
  const teacher = await openEncoderFolder(model);
  const chosen = evenLayers(
    teacher.configuration.layers,
    options.layers ?? Math.ceil(teacher.configuration.layers / 2),
  );
  const encoding = { backend, output, signal };
  const { width, values: targets } = await encodeTexts(model, texts, { ...encoding, title: "teacher's encodings" });
  const expected = targets.subarray(0, heldOut * width);
  output.note(`Layers ${chosen.join(', ')} of ${teacher.configuration.layers}, counted from 0.`);
  output.note(`${texts.length - heldOut} texts are learned from, ${heldOut} held out.`);
  await useBackend(backend, { training: true });
  const training = { texts, targets, heldOut, chosen, options, output, signal };
  const { student, before } = await train(teacher, training);
  try {
    const written = await writeNewFolder(out, async (folder) => {
      const encoder = {
        texts: studentTexts(await readEncoderTexts(model), chosen.length),
        weights: writeWeights(student.configuration, networkWeights(student), {
          int8: false,
          metadata: { 'tributary.distilled-from': teacher.hash },
        }),
        licence: teacher.licence,
        description:
          `Layers ${chosen.join(', ')} of the encoder with the hash ${teacher.hash}, trained by \`tributary model distill\` to give ` +
          `its embeddings of ${texts.length - heldOut} texts. Its licence stays that of the original.`,
      };
      await writeEncoder(folder, encoder, signal);
      // What is measured is what was written.
      const after = await encodeTexts(folder, texts.slice(0, heldOut), { ...encoding, title: "student's encodings" });
      return { bytes: await weightBytes(folder), after: encodingAgreement(expected, after.values, width) };
    });
    const teacherBytes = await weightBytes(model);
    const agreement = { before: encodingAgreement(expected, before, width), after: written.after };
    output.result(`wrote ${out}: ${sizeText(written.bytes)} of weights, the teacher's ${sizeText(teacherBytes)}`);
    output.result(
      agreementTable([
        ['layers alone', agreement.before],
        ['distilled', agreement.after],
      ]),
    );
    output.data({
      out,
      hash: (await openEncoderFolder(out)).hash,
      from: teacher.hash,
      layers: chosen,
      bytes: { teacher: teacherBytes, student: written.bytes },
      texts: { learned: texts.length - heldOut, heldOut },
      agreement,
    });
  } finally {
    student.dispose();
  }
}

interface Training {
  readonly texts: readonly string[];
  readonly targets: Float32Array;
  /** The first so many texts. */
  readonly heldOut: number;
  readonly chosen: readonly number[];
  readonly options: ModelDistilOptions;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** @returns the trained network, which the caller disposes of, and what the untrained one made of the held-out texts */
async function train(teacher: OpenedEncoder, { texts, targets, heldOut, chosen, options, output, signal }: Training) {
  const configuration = { ...teacher.configuration, layers: chosen.length };
  const network = await loadNetwork(configuration, studentWeights(teacher.configuration, teacher.weights, chosen));
  const { epochs, learningRate, seed } = options;
  const progress = output.progress('training steps', epochs * Math.ceil((texts.length - heldOut) / batchSize));
  try {
    const adapter = createAdapter(configuration, wholeLayers, teacher.hash);
    const student = createTrainableEncoder(network, adapter, teacher.tokenizer.encode(texts), { tokensPerBatch });
    const rows = Uint32Array.from({ length: texts.length }, (_, row) => row);
    const before = student.encode(student.initialAdapter(seed), rows.subarray(0, heldOut));
    const settings = { epochs, batchSize, learningRate, seed };
    const parameters = await distil(student, targets, rows.subarray(heldOut), settings, {
      onStep: (done, _, loss) => progress.update(done, `1 - cosine ${loss.toFixed(4)}`),
      signal,
    });
    return { student: mergeAdapter(network, adapter, parameters), before };
  } finally {
    progress.stop();
    network.dispose();
  }
}
