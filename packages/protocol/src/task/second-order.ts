import type { ModelDocument } from './task-document.ts';

/** Whether devices contribute rows, counts and x x^T, of which the coordinator makes a second-order step. */
export function isSecondOrder<Model extends Pick<ModelDocument, 'kind'>>(
  model: Model,
): model is Extract<Model, { kind: 'implicit-als' | 'hybrid' }> {
  return model.kind === 'implicit-als' || model.kind === 'hybrid';
}
