/** Forgetting a round. */
import { forgetSecret } from '../../identity/index.ts';
import type { DeviceState } from './state.ts';

/** Overwrites all secrets of the round that the state holds; the identity stays. */
export function wipeDevice(state: DeviceState): void {
  for (const { effects } of state.answered) {
    for (const effect of effects) {
      if (effect.kind === 'mask') for (const { seed } of effect.masks) seed.fill(0);
    }
  }
  if (state.phase === 'revealed') return;
  forgetSecret(state.shareSecret);
  forgetSecret(state.maskSecret);
  if ('selfMask' in state) forgetSecret(state.selfMask);
  if ('agreed' in state) for (const secret of state.agreed.values()) forgetSecret(secret);
  if ('held' in state) {
    for (const { maskKey, selfMask } of state.held.values()) {
      forgetSecret(maskKey);
      forgetSecret(selfMask);
    }
  }
}
