import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../safetensors/index.ts';
import type { BertConfiguration } from '../configuration.ts';
import { loadNetwork } from '../network/load.ts';
import {
  type EncoderGolden,
  encoderGoldens,
  largestDifference,
  unpack,
  weightSource,
} from '../network/network.cases.ts';
import type { EncoderNetwork } from '../network/network.ts';
import { adaptationOf, createAdapter, initialParameters } from './adapter.ts';
import { type PeftFiles, readPeftAdapter, writePeftAdapter } from './peft-format.ts';
import type { Projection } from './settings.ts';

/** Made by test/golden/peft_adapter.py: an adapter as Python peft saved it, with its encoder and the outputs with and without it. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/peft-adapter.json', import.meta.url), 'utf8'),
) as {
  readonly weights: EncoderGolden['weights'];
  readonly ids: number[];
  readonly mask: number[];
  readonly before: { shape: number[]; float32: string };
  readonly config: string;
  readonly adapter: string;
  readonly after: { shape: number[]; float32: string };
};
const configuration: BertConfiguration = {
  ...(encoderGoldens[0].configuration as BertConfiguration),
  pooling: 'mean',
  normalise: false,
};
const batch = {
  size: 2,
  length: 5,
  ids: Int32Array.from(golden.ids),
  mask: Int32Array.from(golden.mask),
  typeIds: new Int32Array(10),
};
const files: PeftFiles = { config: golden.config, weights: Uint8Array.from(Buffer.from(golden.adapter, 'base64')) };
const encoderHash = 'ab'.repeat(32);
const python = fileURLToPath(new URL('../../../../../test/golden/peft_adapter.py', import.meta.url));

let network: EncoderNetwork;
beforeAll(async () => {
  await tf.setBackend('cpu');
  network = await loadNetwork(configuration, weightSource(golden.weights));
});
afterAll(() => network.dispose());

async function encodeWith({ adapter, parameters }: Awaited<ReturnType<typeof readPeftAdapter>>): Promise<Float32Array> {
  const adaptation = adaptationOf(adapter, parameters);
  const values = await network.encode(batch, adaptation);
  tf.dispose([...adaptation.tensors.values()]);
  return values;
}

/** The golden adapter with some of its configuration changed. */
const withConfig = (change: object): PeftFiles => ({
  ...files,
  config: JSON.stringify({ ...JSON.parse(golden.config), ...change }),
});

describe("an adapter in PEFT's files", () => {
  it.each([true, false])('gives the outputs that Python peft computes with it (A frozen: %s)', async (frozenA) => {
    const read = await readPeftAdapter(configuration, files, { encoderHash, frozenA });
    expect(largestDifference(await network.encode(batch), unpack(golden.before))).toBeLessThan(1e-5);
    const difference = largestDifference(await encodeWith(read), unpack(golden.after));
    console.log(`PEFT adapter: outputs within ${difference.toExponential(1)} of Python's`);
    expect(difference).toBeLessThan(1e-5);
    expect(read.adapter.settings).toMatchObject({ rank: 3, alpha: 6, targets: ['query', 'value', 'intermediate'] });
  });

  it('is written with the tensors that were read, bit for bit, under the same names', async () => {
    const { adapter, parameters } = await readPeftAdapter(configuration, files, { encoderHash });
    const written = writePeftAdapter(configuration, adapter, parameters, { encoderHash });
    const sorted = (bytes: Uint8Array) =>
      [...readSafetensors(bytes).tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(sorted(written.weights)).toEqual(sorted(files.weights));
  });

  it.each(encoderGoldens.map((encoder) => [encoder.architecture, encoder.configuration] as const))(
    'comes back as it was for %s, whichever maps and layers are adapted',
    async (_, other) => {
      const choices: Projection[][] =
        other.family === 'gpt2'
          ? [['query'], ['attention-output', 'output']]
          : [
              ['query', 'value'],
              ['attention-output', 'intermediate', 'output'],
            ];
      for (const targets of choices) {
        const settings = {
          kind: 'lora',
          rank: 2,
          alpha: 5,
          dropout: 0.1,
          targets,
          layers: [1],
          frozenA: true,
        } as const;
        const adapter = createAdapter(other, settings, encoderHash);
        const parameters = Float32Array.from({ length: adapter.layout.size }, (_, i) => Math.sin(i));
        const written = writePeftAdapter(other, adapter, parameters, { encoderHash });
        const read = await readPeftAdapter(other, written, { encoderHash });
        expect(read).toEqual({ adapter, parameters });
      }
    },
  );

  it('loads in Python peft with the same outputs', async (context) => {
    const interpreter = process.env.TRIBUTARY_PYTHON ?? 'python3';
    try {
      execFileSync(interpreter, ['-c', 'import peft, transformers'], { stdio: 'ignore' });
    } catch {
      context.skip('python3 with peft is not here (set TRIBUTARY_PYTHON; pip install peft transformers)');
    }
    const targets: Projection[] = ['query', 'attention-output', 'output'];
    const settings = { kind: 'lora', rank: 2, alpha: 5, dropout: 0, targets, frozenA: true } as const;
    const adapter = createAdapter(configuration, settings, encoderHash);
    const parameters = initialParameters(adapter, 1, () => new Float32Array()).map((_, i) => Math.sin(i));
    const written = writePeftAdapter(configuration, adapter, parameters, { encoderHash });
    const folder = mkdtempSync(join(tmpdir(), 'peft-'));
    try {
      writeFileSync(join(folder, 'adapter_config.json'), written.config);
      writeFileSync(join(folder, 'adapter_model.safetensors'), written.weights);
      writeFileSync(join(folder, 'expected.json'), JSON.stringify([...(await encodeWith({ adapter, parameters }))]));
      const said = execFileSync(interpreter, [python, '--check', folder], { encoding: 'utf8', stdio: 'pipe' });
      const { difference, moved } = JSON.parse(said.trimEnd().split('\n').at(-1) ?? '');
      console.log(
        `Python peft on our adapter: outputs within ${difference.toExponential(1)}, moved by ${moved.toFixed(2)}`,
      );
      expect(difference).toBeLessThan(1e-5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("an adapter in PEFT's files is refused", () => {
  it.each([
    ['DoRA', { use_dora: true }, /use_dora is true/],
    ['rank-stabilised scaling', { use_rslora: true }, /use_rslora/],
    ['ranks of their own', { rank_pattern: { query: 4 } }, /rank_pattern/],
    ['saved modules', { modules_to_save: ['classifier'] }, /modules_to_save/],
    ['trained biases', { bias: 'all' }, /bias is "all"/],
    ['a start that changes the base', { init_lora_weights: 'pissa' }, /pissa/],
    ['another method', { peft_type: 'IA3' }, /peft_type is "IA3"/],
    ['an option of the future', { use_more: { a: 1 } }, /use_more/],
  ])('with %s, by its name', async (_, change, message) => {
    const reading = readPeftAdapter(configuration, withConfig(change), { encoderHash });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: 'unsupported-architecture' });
  });

  const changed = (
    change: (tensors: { name: string; shape: readonly number[]; values: Float32Array }[]) => unknown,
  ) => {
    const tensors = [...readSafetensors(files.weights).tensors];
    change(tensors);
    return { ...files, weights: writeSafetensors({ tensors, metadata: {} }) };
  };
  it.each([
    ['a tensor less', changed((tensors) => tensors.pop())],
    ['no tensor', changed((tensors) => tensors.splice(0))],
    ['another rank', withConfig({ r: 4 })],
    [
      'the layers of another encoder',
      changed((tensors) => Object.assign(tensors[0], { name: tensors[0].name.replace(/layer\.\d/, 'layer.9') })),
    ],
  ])('for another base: %s', async (_, other) => {
    await expect(readPeftAdapter(configuration, other, { encoderHash })).rejects.toMatchObject({
      code: 'adapter-base-mismatch',
    });
  });

  it('for another base by its hash', async () => {
    const { adapter, parameters } = await readPeftAdapter(configuration, files, { encoderHash });
    const written = writePeftAdapter(configuration, adapter, parameters, { encoderHash });
    await expect(readPeftAdapter(configuration, written, { encoderHash: 'cd'.repeat(32) })).rejects.toThrow(
      /abababababababab.*cdcdcdcdcdcdcdcd/,
    );
  });
});
