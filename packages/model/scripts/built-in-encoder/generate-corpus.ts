/**
 * Writes the built-in encoder's training text as JSON lines {left, right, topic}:
 *   npx tsx --conditions=source packages/model/scripts/built-in-encoder/generate-corpus.ts FILE [pairs]
 * Deterministic. All of it comes from the word lists beside this file and from the synthetic catalogue's generator, with seeds
 * from 90,001 that no test and no default uses.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { syntheticCatalogue } from '../../src/data/synthetic/catalogue.ts';
import { seededRandom } from '../../src/random/seeded.ts';
import { makePair, type Pair } from './pairs.ts';
import { readTopics } from './topics.ts';

const firstSyntheticSeed = 90_001;
const syntheticShare = 0.12;

/** Title beside description, or the description's first half beside its second: no theme, no genre label and no history is used. */
function* syntheticPairs(topic: number): Generator<Pair> {
  for (let seed = firstSyntheticSeed; ; seed++) {
    for (const { title, description } of syntheticCatalogue({ users: 1, items: 500, seed }).items) {
      if (description === undefined) continue;
      const middle = description.indexOf('. ') + 1;
      yield { left: title.replace(/, Part \d+$/, ''), right: description, topic };
      yield { left: description.slice(0, middle), right: description.slice(middle + 1), topic };
    }
  }
}

const [file, count = '160000'] = process.argv.slice(2);
if (file === undefined) throw new Error('no output file; give FILE, then the number of pairs if not 160000');
const topics = readTopics();
const general = topics.findIndex(({ list }) => list === 'general');
const random = seededRandom(20_260_101);
// Different items of the synthetic catalogue are true negatives of each other; -1 says so.
const synthetic = syntheticPairs(-1);
const output = openSync(file, 'w');
for (let pair = 0; pair < Number(count); pair++) {
  const made = random.next() < syntheticShare ? synthetic.next().value : makePair(topics, general, random);
  writeSync(output, `${JSON.stringify(made)}\n`);
}
closeSync(output);
