/** Pairs of texts that say the same thing differently: the positives of the contrastive objective. */
import { type SeededRandom, shuffle } from '../../src/random/seeded.ts';
import type { Topic } from './topics.ts';

export interface Pair {
  readonly left: string;
  readonly right: string;
  /** Pairs of one topic are weak negatives of each other. */
  readonly topic: number;
}

const carriers: Readonly<Record<string, readonly string[]>> = {
  stories: ['film', 'movie', 'picture', 'book', 'novel', 'series', 'show', 'game', 'story', 'tale', 'audiobook'],
  food: ['recipe', 'dish', 'meal', 'cookbook'],
  goods: ['product', 'item', 'set', 'article', ''],
  culture: ['', 'guide', 'collection'],
  general: ['', 'thing', 'one'],
};

const fillers = [
  'From {number}.',
  'Rated {digit} stars.',
  'Now for {number} euros.',
  'Part {digit}.',
  'In stock.',
  'A favourite of our customers.',
  'New this week.',
  'For ages {digit} and up.',
  'Price: {number}.99',
  'Takes {number} minutes.',
  'Pack of {digit}.',
  'Bestseller of the year.',
];

const pick = <T>(values: readonly T[], random: SeededRandom): T => values[random.below(values.length)];

/** A typing slip: two letters swapped, or one left out. */
function misspelt(word: string, random: SeededRandom): string {
  if (word.length < 5) return word;
  const at = 1 + random.below(word.length - 2);
  return random.next() < 0.5
    ? word.slice(0, at) + word.slice(at + 1)
    : word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
}

function inflected(word: string, random: SeededRandom): string {
  if (random.next() < 0.12 && /[a-z]{2}[^sxyhdgel]$/.test(word)) return `${word}s`;
  return random.next() < 0.02 ? misspelt(word, random) : word;
}

function filler(random: SeededRandom): string {
  return pick(fillers, random)
    .replace('{number}', String(1 + random.below(random.next() < 0.5 ? 90 : 2030)))
    .replace('{digit}', String(1 + random.below(12)));
}

type Groups = readonly (readonly string[])[];

/** The concepts said in words of their own, in one of many sentence forms. */
function rendered(topic: Topic, concepts: Groups, random: SeededRandom): string {
  const words = shuffle(
    concepts.map((group) => inflected(pick(group, random), random)),
    random,
  );
  const kept = words.length > 2 && random.next() < 0.4 ? words.slice(1) : words;
  const carrier = pick(carriers[topic.list], random);
  const name = random.next() < 0.35 ? pick(topic.names, random) : carrier;
  const [first, ...rest] = kept;
  const list = kept.length > 1 ? `${kept.slice(0, -1).join(', ')} and ${kept[kept.length - 1]}` : first;
  const others = rest.length > 0 ? rest.join(' and ') : first;
  const forms = [
    `${name} about ${list}`,
    `${name} with ${list}`,
    `${first} ${name} with ${others}`,
    `A ${name} full of ${list}.`,
    `${first} ${others} ${name}`,
    `${list}`,
    `${name}: ${kept.join(', ')}`,
    `For everyone who likes ${first}: a ${name} with ${others}.`,
    `In this ${name}, the ${first} meets the ${others}.`,
    `The ${first} of the ${others}`,
    `This ${name} is all about ${first}. You will also find ${others}.`,
  ];
  const text = pick(forms, random);
  if (random.next() < 0.85) return text;
  return random.next() < 0.5 ? `${text} ${filler(random)}` : `${filler(random)} ${text}`;
}

function conceptsOf(topic: Topic, count: number, random: SeededRandom): Groups {
  return shuffle([...topic.groups], random).slice(0, count);
}

/** One item described twice, in words chosen independently; a fifth borrows a concept of another topic. */
function itemPair(topics: readonly Topic[], topic: number, random: SeededRandom): Pair {
  const own = conceptsOf(topics[topic], 2 + random.below(4), random);
  const concepts = random.next() < 0.2 ? [...own, ...conceptsOf(pick(topics, random), 1, random)] : own;
  return {
    left: rendered(topics[topic], concepts, random),
    right: rendered(topics[topic], concepts, random),
    topic,
  };
}

/** A category's name beside an item of it. */
function namePair(topics: readonly Topic[], topic: number, random: SeededRandom): Pair {
  const { names, groups } = topics[topic];
  const word = random.next() < 0.3 ? `${pick(pick(groups, random), random)} ` : '';
  return {
    left: `${word}${pick(names, random)}`,
    right: rendered(topics[topic], conceptsOf(topics[topic], 1 + random.below(4), random), random),
    topic,
  };
}

/** One or two words beside their near-synonyms. */
function synonymPair(topics: readonly Topic[], topic: number, random: SeededRandom): Pair {
  const concepts = conceptsOf(topics[topic], 1 + random.below(2), random);
  const say = () => concepts.map((group) => inflected(pick(group, random), random)).join(' ');
  return { left: say(), right: say(), topic };
}

/** Two samples of one topic's words: what belongs together without meaning the same. */
function topicPair(topics: readonly Topic[], topic: number, random: SeededRandom): Pair {
  const say = () => rendered(topics[topic], conceptsOf(topics[topic], 2 + random.below(2), random), random);
  return { left: say(), right: say(), topic };
}

/** A pair in different words where the lists have any. @param general index of the first topic whose groups do not belong together; those make synonym pairs alone */
export function makePair(topics: readonly Topic[], general: number, random: SeededRandom): Pair {
  let pair = drawPair(topics, general, random);
  for (let attempt = 0; attempt < 4 && pair.left === pair.right; attempt++) pair = drawPair(topics, general, random);
  return pair;
}

function drawPair(topics: readonly Topic[], general: number, random: SeededRandom): Pair {
  const kind = random.next();
  if (kind < 0.12) return synonymPair(topics, general + random.below(topics.length - general), random);
  const topic = random.below(general);
  if (kind < 0.45) return itemPair(topics, topic, random);
  if (kind < 0.65) return namePair(topics, topic, random);
  if (kind < 0.85) return synonymPair(topics, topic, random);
  return topicPair(topics, topic, random);
}
