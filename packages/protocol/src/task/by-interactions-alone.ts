import type { ModelDocument } from './task-document.ts';

/** What a hybrid is compared with: the same model without texts and attributes. Null where the model is no hybrid. */
export function byInteractionsAlone(model: ModelDocument): Exclude<ModelDocument, { kind: 'hybrid' }> | null {
  if (model.kind !== 'hybrid') return null;
  if (model.plan === 'public-items') {
    const {
      plan: _plan,
      features: _features,
      textComponents: _components,
      initialAttributeScale: _attributes,
      adapter: _adapter,
      ...rest
    } = model;
    return { ...rest, kind: 'implicit-als' };
  }
  const { dimension, initialScale, scorer } = model;
  if (scorer.kind !== 'gmf-mlp') return { kind: 'matrix-factorisation', dimension, initialScale };
  const { mlpDimension, hiddenLayers } = scorer;
  return { kind: 'neumf', dimension, initialScale, mlpDimension, hiddenLayers };
}
