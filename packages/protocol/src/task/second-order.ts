import type { ModelDocument } from './task-document.ts';

type SecondOrder = { readonly kind: 'implicit-als' } | { readonly kind: 'hybrid'; readonly plan: 'public-items' };

/** Whether devices contribute rows, counts and x x^T, of which the coordinator makes a second-order step. */
export function isSecondOrder<Model extends Pick<ModelDocument, 'kind'>>(
  model: Model,
): model is Extract<Model, SecondOrder> {
  return model.kind === 'implicit-als' || (model.kind === 'hybrid' && 'plan' in model && model.plan === 'public-items');
}
