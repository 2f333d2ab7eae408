import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../configuration/parse.ts';
import { encoderGoldens, unpack, weightSource } from '../network/network.cases.ts';
import { requiredWeights } from '../network/required-weights.ts';
import { evenLayers, studentTexts, studentWeights } from './student.ts';

describe('the layers of a student', () => {
  it('are every second of six and of twelve, as DistilBERT takes them', () => {
    expect(evenLayers(6, 3)).toEqual([0, 2, 4]);
    expect(evenLayers(12, 6)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('begin with the first, rise, and are as many as asked for', () => {
    const sizes = fc
      .integer({ min: 2, max: 60 })
      .chain((most) => fc.tuple(fc.constant(most), fc.integer({ min: 1, max: most - 1 })));
    fc.assert(
      fc.property(sizes, ([teacher, layers]) => {
        const chosen = evenLayers(teacher, layers);
        expect(chosen).toHaveLength(layers);
        expect(chosen[0]).toBe(0);
        const steps = chosen.map((layer, at) => (chosen[at + 1] ?? teacher) - layer);
        expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
        expect(Math.min(...steps)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it.each([
    [6, 6],
    [6, 0],
    [1, 1],
    [6, 1.5],
  ])('of a teacher of %i cannot be %i', (teacher, layers) => {
    expect(() => evenLayers(teacher, layers)).toThrow(expect.objectContaining({ name: 'EncoderError' }));
  });
});

describe.each(encoderGoldens.map((golden) => [golden.architecture, golden] as const))('%s', (_, golden) => {
  it('gives its second layer to a student of one, under the name of the first', async () => {
    const { configuration, weights } = golden;
    const student = studentWeights(configuration, weightSource(weights, 'bert.'), [1]);
    const required = requiredWeights({ ...configuration, layers: 1 });
    expect(student.names.toSorted()).toEqual(required.map(({ name }) => name).toSorted());
    for (const { name, shape } of required) {
      const origin = name.replace(/\b(layer|h)\.0\./, '$1.1.');
      expect(student.shapeOf(name)).toEqual(shape);
      expect(await student.read(name)).toEqual(unpack(weights[origin]));
    }
  });
});

it.each([
  [
    'bert',
    { hidden_size: 4, num_hidden_layers: 3, num_attention_heads: 1, intermediate_size: 8, max_position_embeddings: 9 },
  ],
  ['distilbert', { dim: 4, n_layers: 3, n_heads: 1, hidden_dim: 8, max_position_embeddings: 9 }],
  ['gpt2', { n_embd: 4, n_layer: 3, n_head: 1, n_positions: 9 }],
])('the configuration of a %s differs in its layers alone', (type, fields) => {
  const texts = {
    'config.json': JSON.stringify({ model_type: type, vocab_size: 5, ...fields }),
    'tokenizer.json': '{}',
  };
  const changed = studentTexts(texts, 2);
  expect(parseConfiguration(changed)).toEqual({ ...parseConfiguration(texts), layers: 2 });
  expect(changed['tokenizer.json']).toBe('{}');
});
