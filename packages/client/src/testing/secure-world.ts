/** One device in secure rounds of a scripted coordinator, with real machines around it. */
import { decodeSum, sha256 } from '@tributary/privacy';
import { roundDescriptorBytes } from '@tributary/protocol';
import { expect } from 'vitest';
import type { TributaryError } from '../errors/tributary-error.ts';
import type { TributaryEvents } from '../sdk/events.ts';
import { createTributary, type Tributary } from '../sdk/index.ts';
import type { TributaryOptions } from '../sdk/options.ts';
import { scriptedTask, startScriptedCoordinator } from './scripted-coordinator.ts';
import { runSecureRound, type ScriptedSecureRound, type SecureRoundOptions } from './scripted-secure-round.ts';
import { createPeers } from './secure-peers.ts';
import { until } from './until.ts';

/** Everybody but the device, always the same: making identities costs more than a round. */
export const peers = createPeers(23);

export type SecureWorld = Awaited<ReturnType<typeof startSecureWorld>>;

export async function startSecureWorld() {
  const coordinator = await startScriptedCoordinator({ plan: 'secure' });
  const devices: Tributary[] = [];
  return {
    coordinator,
    /** With a history, joined. */
    async device(options: Partial<TributaryOptions> = {}) {
      const tributary = await createTributary({
        url: coordinator.url,
        task: scriptedTask,
        consent: 'granted',
        autoStart: false,
        backoff: { baseMilliseconds: 10, maximumMilliseconds: 20 },
        ...options,
      });
      devices.push(tributary);
      const errors: TributaryError[] = [];
      const rounds: TributaryEvents['round'][] = [];
      tributary.on('error', (error) => errors.push(error));
      tributary.on('round', (round) => rounds.push(round));
      for (let i = 0; i < 6; i++) await tributary.track({ type: 'view', itemId: `film-${i * 3}`, at: i });
      tributary.start();
      await until(() => [...coordinator.devices].some((each) => each.joined));
      const phases = () => rounds.map(({ phase }) => phase);
      const run = (given: Partial<SecureRoundOptions> = {}) =>
        runSecureRound(coordinator, { device: tributary.deviceId, peers, ...given });
      return { tributary, errors, rounds, phases, run };
    },
    async close() {
      await Promise.all(devices.map((device) => device.stop()));
      await coordinator.close();
    },
  };
}

/** What has to hold of the device's part of an opened sum, whatever was drawn. */
export function expectHonestPart(round: ScriptedSecureRound): void {
  const roundHash = sha256(roundDescriptorBytes(round.descriptor));
  const [contribution, metrics] = round.encodings.map((encoding, section) =>
    Array.from(decodeSum(round.opened?.[section] as Uint32Array, encoding, roundHash).values),
  );
  const norm = Math.hypot(...contribution);
  expect(norm).toBeGreaterThan(0.01);
  expect(norm).toBeLessThan(round.encodings[0].bound * 1.01);
  // devices, and the weight of a uniform weighting; metrics in [0, 1].
  expect([metrics[0], metrics.at(-1)]).toEqual([1, 1]);
  for (const metric of metrics) expect(metric >= 0 && metric <= 1).toBe(true);
}
