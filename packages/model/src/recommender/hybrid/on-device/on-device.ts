/**
 * `hybrid` trained on devices, plans `cheap` and `full`: a device trains fused item vectors as it would train plain ones, and the
 * chain rule hands what they moved by to id vectors, gate, projection, attribute vectors and the encoder's adapter.
 *
 * A user's vector starts from the history's mean fused vector and from the person's own text, both weighted by what all have learned,
 * and is fitted from there; the step of that start is towards where fitting led, as in Reptile (Nichol et al. 2018). The text itself and
 * the vector stay on the device. What the text teaches its projection is in the contribution, and is the encoding times a vector: it
 * may be summed only under a mask, with noise that devices add.
 */
import { checkLength, createLayout } from '../../../parameters/layout.ts';
import { type DescribedItem, itemFeatures } from '../../implicit-als/item-features.ts';
import { addScaled } from '../../local-sgd/vector.ts';
import type { Recommender } from '../../recommender.ts';
import type { OnDeviceSpecification } from '../../specification.ts';
import { type AttributeRows, attributeRows } from './attribute-rows.ts';
import { bindOnDevice } from './bind.ts';
import { countUnit, groupOf, type OnDeviceModel, type OnDeviceOptions } from './model.ts';
import { frozenEncodings, meanEncoding } from './row-encodings.ts';
import { hybridScoring } from './scoring.ts';

/** In standard deviations of the noise on a count. */
const noiseFloor = 2;

/** Vectors of genres, brands, and entities of a knowledge graph that items are linked to; each is as long as an item's. */
const mostAttributes = 1024;

/** @throws TypeError or RangeError where specification and options do not fit together */
export function createOnDeviceHybrid(specification: OnDeviceSpecification, options: OnDeviceOptions = {}): Recommender {
  const { itemCount, features, groupScales } = specification;
  checkSpecification(specification);
  checkTexts(specification, options);
  const scoring = hybridScoring(specification);
  const width = scoring.model.tableWidths.slice(0, scoring.fusedTables).reduce((sum, table) => sum + table, 0);
  const attributes = features.attributes ? attributesOf(itemCount, options.items) : null;
  const layout = createLayout([
    ...scoring.model.layout.tensors,
    { name: 'item-counts', shape: [itemCount] },
    { name: 'gate', shape: [1] },
    ...(features.text ? [{ name: 'text-projection', shape: [specification.textWidth, width] }] : []),
    ...(attributes ? [{ name: 'attribute-vectors', shape: [attributes.columns, width] }] : []),
    { name: 'history-weight', shape: [1] },
    ...(features.text
      ? [{ name: 'own-text-projection', shape: [specification.textWidth, scoring.model.privateSize] }]
      : []),
    ...(specification.adapter ? [{ name: 'adapter', shape: [specification.adapter.size] }] : []),
  ]);
  const mean = features.text && options.encodings ? meanEncoding(options.encodings, itemCount) : null;
  const adapterOf = adapterFrom(specification, options);
  const model: OnDeviceModel = {
    specification,
    options,
    scoring,
    layout,
    width,
    attributes,
    meanEncoding: mean,
    frozen: mean && options.encodings && !specification.adapter ? frozenEncodings(options.encodings, mean) : null,
    adapterOf,
  };
  return {
    name: 'hybrid',
    itemCount,
    layout,
    contributionLayout: layout,
    // All but the scorer starts at zero, the adapter as a difference from its first parameters, which leave the encoder as it is.
    initialise(seed) {
      const parameters = new Float32Array(layout.size);
      parameters.set(scoring.model.initialise(seed));
      return parameters;
    },
    bind(shared) {
      checkLength(layout, shared);
      return bindOnDevice(model, shared);
    },
    direction(shared, { sum, denominator, noiseStandardDeviation = 0 }) {
      checkLength(layout, shared);
      const direction = new Float32Array(layout.size);
      for (const { name, offset, size } of layout.tensors) {
        const unit = groupScales[groupOf(scoring, name)] * (name === 'item-counts' ? countUnit : 1);
        addScaled(direction, offset, 1 / (denominator * unit), sum, offset, size);
        // Under noise a count is what stands out of it: an item that nobody touched must not come to trust its id's noise.
        if (name === 'item-counts')
          reduceCounts(
            direction.subarray(offset, offset + size),
            (noiseFloor * noiseStandardDeviation) / (denominator * unit),
          );
      }
      return direction;
    },
  };
}

function checkSpecification({ features, groupClip, adapter, plan }: OnDeviceSpecification): void {
  if (!features.text && !features.attributes) {
    throw new RangeError('A hybrid model without text and attributes is a plain one; expected at least one of them.');
  }
  if (groupClip && !(Math.hypot(groupClip.rows, groupClip.fusion, groupClip.adapter) <= 1 + 1e-9)) {
    throw new RangeError("The squares of the groups' shares of the clip norm are at most 1 together.");
  }
  if ((plan === 'full') !== (adapter !== null) || (adapter && !features.text)) {
    throw new RangeError(`The plan ${plan} ${plan === 'full' ? 'needs an adapter and texts' : 'has no adapter'}.`);
  }
}

function checkTexts(
  { itemCount, textWidth, features, adapter }: OnDeviceSpecification,
  options: OnDeviceOptions,
): void {
  const { encodings, encoder } = options;
  if (!features.text) return;
  if (encodings && (encodings.width !== textWidth || encodings.values.length < itemCount * textWidth)) {
    throw new TypeError(
      `Expected encodings of ${itemCount} texts, ${textWidth} numbers each; got ${encodings.values.length / encodings.width} of ${encodings.width}.`,
    );
  }
  if (!adapter || !encoder) return;
  const size = encoder.adapterTensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  if (encoder.width !== textWidth || encoder.texts < itemCount || size !== adapter.size) {
    throw new TypeError(
      `The encoder has ${encoder.texts} texts, width ${encoder.width} and an adapter of ${size} parameters; ` +
        `the model expects at least ${itemCount}, ${textWidth} and ${adapter.size}: it is another encoder or another adapter.`,
    );
  }
}

function reduceCounts(counts: Float32Array, by: number): void {
  if (by === 0) return;
  for (let item = 0; item < counts.length; item++) counts[item] = Math.max(0, counts[item] - by);
}

function attributesOf(itemCount: number, items: readonly DescribedItem[] | undefined): AttributeRows {
  if (items?.length === itemCount) return attributeRows(itemFeatures(items, { mostAttributes }));
  throw new TypeError(
    `A hybrid model of attributes needs the ${itemCount} items of its catalogue; got ${items?.length ?? 'none'}.`,
  );
}

function adapterFrom({ adapter }: OnDeviceSpecification, { encoder }: OnDeviceOptions): OnDeviceModel['adapterOf'] {
  if (!adapter || !encoder) return () => null;
  // With these the encoder is as it was, whatever the seed: of a pair A, B one is zero. One seed, so that all mean the same.
  const first = encoder.initialAdapter(0);
  return (difference) => first.map((value, at) => value + difference[at]);
}
