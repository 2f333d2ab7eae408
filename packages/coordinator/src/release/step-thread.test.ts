import {
  accumulateContribution,
  encodeOnce,
  type ItemEncodings,
  itemText,
  memoryEncodings,
  seededRandom,
} from '@tributary/model';
import { createTextModel, type LoadedTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CatalogueItem } from '../store/store.ts';
import { coordinatorRecommender } from '../task/create-task.ts';
import { adapterOf } from '../task/fitted-adapter.ts';
import { smallDocument } from '../testing/small-world.ts';
import { StepEndedError, startStepThread } from './step-thread.ts';

const subjects = ['war', 'love', 'ghosts', 'racing', 'the sea', 'a heist'];
const items: CatalogueItem[] = Array.from({ length: 60 }, (_, i) => ({
  id: `f${i}`,
  title: `A film about ${subjects[i % 6]}, part ${1 + Math.floor(i / 6)}`,
  attributes: [],
  description: '',
}));
const steps = (count: number) =>
  smallDocument({ model: { kind: 'hybrid', dimension: 2, adapter: { steps: count, texts: 8, learningRate: 0.01 } } });

let model: LoadedTextModel;
let encodings: ItemEncodings;
beforeAll(async () => {
  model = await createTextModel(await openBuiltInEncoder());
  encodings = await encodeOnce(items.map(itemText), model, memoryEncodings());
});
afterAll(() => model.dispose());

/** People who like films of one subject or another: sums that texts explain. */
function roundOf(recommender: ReturnType<typeof coordinatorRecommender>) {
  const sum = new Float32Array(recommender.contributionLayout.size);
  const bound = recommender.bind(recommender.initialise(1));
  for (let person = 0; person < 24; person++) {
    const liked = Uint32Array.from({ length: 8 }, (_, at) => 6 * at + (person % 6));
    accumulateContribution(bound.train({ items: liked }, seededRandom(person)).contribution, 1, sum);
  }
  return { sum, denominator: 24 };
}

it('A step in a thread is the step of the recommender that holds the encoder', async () => {
  const document = steps(3);
  const adapter = adapterOf(document);
  if (!adapter) throw new Error('The document has an adapter.');
  const encoder = model.trainable(items.map(itemText), adapter);
  const here = coordinatorRecommender(document, items.length, items, { encodings, encoder });
  const shared = here.initialise(1);
  const round = roundOf(here);
  const thread = await startStepThread({ document, items, encodings, encoderFolder: null });
  try {
    expect(await thread.direction(shared, round)).toEqual(here.direction(shared, round));
    const frozen = coordinatorRecommender(steps(0), items.length, items, { encodings });
    expect(here.direction(shared, round)).not.toEqual(frozen.direction(shared, round));
    await expect(thread.direction(shared.subarray(1), round)).rejects.toThrow(/expects 120/);
    expect(await thread.direction(shared, round)).toHaveLength(shared.length);
  } finally {
    await thread.close();
  }
});

it('A step that takes minutes ends when its thread is closed', async () => {
  const document = steps(10_000);
  const thread = await startStepThread({ document, items, encodings, encoderFolder: null });
  const recommender = coordinatorRecommender(document, items.length, items, { encodings });
  const step = thread.direction(recommender.initialise(1), roundOf(recommender));
  const refused = expect(step).rejects.toThrow(StepEndedError);
  await thread.close();
  await refused;
});

it('An encoder that cannot be loaded is told at the start', async () => {
  const document = steps(1);
  await expect(startStepThread({ document, items, encodings, encoderFolder: '/no/such/encoder' })).rejects.toThrow(
    /there is no folder/,
  );
});
