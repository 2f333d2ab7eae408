import type { ModelDocument } from './task-document.ts';

/** The encoder that devices of a task read texts with; null where they read none. */
export function deviceEncoderOf(model: ModelDocument): { readonly hash: string | null; readonly width: number } | null {
  if (model.kind !== 'hybrid' || model.plan === 'public-items' || !model.features.text) return null;
  return { hash: model.encoder, width: model.textWidth };
}
