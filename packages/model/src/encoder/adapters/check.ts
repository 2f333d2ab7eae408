/** Settings of an adapter are checked once, before anything is made of them. */
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import type { AdapterSettings } from './settings.ts';

/** @throws EncoderError 'malformed' on settings that no encoder of this configuration can have. */
export function checkAdapter({ layers }: EncoderConfiguration, settings: AdapterSettings): void {
  const refuse = (problem: string, expected: string) => {
    throw new EncoderError({ code: 'malformed', problem, expected, remedy: "Correct the adapter's settings." });
  };
  const chosen = settings.layers;
  if (chosen) {
    const sound = chosen.every((layer) => Number.isInteger(layer) && layer >= 0 && layer < layers);
    if (!sound || chosen.length === 0 || new Set(chosen).size !== chosen.length) {
      refuse(`the adapter's layers are [${chosen.join(', ')}]`, `distinct layers of 0 to ${layers - 1}, at least one`);
    }
  }
  if (settings.kind === 'lora') {
    const { rank, alpha, dropout, targets } = settings;
    if (!Number.isInteger(rank) || rank < 1) refuse(`LoRA's rank is ${rank}`, 'a positive integer');
    if (!(Number.isFinite(alpha) && alpha > 0)) refuse(`LoRA's alpha is ${alpha}`, 'a positive number');
    if (!(dropout >= 0 && dropout < 1)) refuse(`LoRA's dropout is ${dropout}`, 'a share in [0, 1)');
    if (targets.length === 0) refuse('LoRA has no target', 'at least one projection, e.g. "query"');
  } else if (settings.kind === 'own-weights') {
    if (!settings.norms && !settings.biases && !settings.matrices) {
      refuse('nothing is trained', 'LayerNorms, biases, matrices or several of these');
    }
  } else if (!Number.isInteger(settings.width) || settings.width < 1) {
    refuse(`the bottleneck's width is ${settings.width}`, 'a positive integer');
  }
}
