/** Secure rounds that a device does not enter. */
import { createIdentity, hexToBytes, sign, systemRandom } from '@tributary/privacy';
import { roundDescriptorBytes } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logOf } from '../testing/scripted-secure-round.ts';
import { createPeers } from '../testing/secure-peers.ts';
import { peers, type SecureWorld, startSecureWorld } from '../testing/secure-world.ts';
import { until } from '../testing/until.ts';

let world: SecureWorld;
beforeEach(async () => {
  world = await startSecureWorld();
});
afterEach(() => world.close());

describe('a device does not enter a secure round', () => {
  it("that another coordinator's key has signed", async () => {
    const { errors, run } = await world.device();
    const foreign = createIdentity(systemRandom);
    const { signature: _, ...fields } = world.coordinator.descriptor();
    run({ fields: { signature: sign(roundDescriptorBytes(fields), foreign.secretKey) } });
    await until(() => errors.length > 0);
    expect(errors[0].code).toBe('forged');
    expect(world.coordinator.declines).toEqual([]);
    expect(world.coordinator.received).not.toContain('keys');
  });

  it('of a log that shrank or was rewritten, and enters the next that grew', async () => {
    const { tributary, errors, run, phases } = await world.device();
    const all = [...peers.map(({ publicKey }) => publicKey), hexToBytes(tributary.deviceId)];
    const stop = { toDevice: () => [] };
    const extended = [...all, ...createPeers(9).map(({ publicKey }) => publicKey)];
    const large = logOf(world.coordinator, extended);
    const first = run({ ...stop, log: large });
    await until(() => first.sent.has('keys'));
    for (const [index, members] of [all, [...all.slice(1), ...all.slice(0, 1), ...all]].entries()) {
      const round = run({ ...stop, log: logOf(world.coordinator, members) });
      await until(() => world.coordinator.declines.length === index + 1);
      expect(world.coordinator.declines[index]).toEqual({ round: round.descriptor.round, reason: 'unsafe' });
      expect(errors[index]).toMatchObject({ code: 'forged', message: expect.stringMatching(/did not grow/) });
      expect(round.sent.has('keys')).toBe(false);
    }
    run({ log: logOf(world.coordinator, [...extended, ...createPeers(2).map(({ publicKey }) => publicKey)]) });
    await until(() => phases().at(-1) === 'revealed');
  });

  it('about a model version that it has contributed to', async () => {
    const { errors, run, phases } = await world.device();
    const first = run();
    await until(() => first.opened !== null && phases().at(-1) === 'revealed');
    const second = run();
    await until(() => world.coordinator.declines.length > 0);
    expect(world.coordinator.declines).toEqual([{ round: second.descriptor.round, reason: 'policy' }]);
    expect(errors).toMatchObject([
      { code: 'policy', message: expect.stringMatching(/has contributed to model version/) },
    ]);
    expect(second.sent.has('keys')).toBe(false);
    world.coordinator.publish(new Float32Array(world.coordinator.version.parameterBytes / 4).fill(0.5), 1);
    world.coordinator.notify('roundEnded', {
      round: second.descriptor.round,
      outcome: 'closed',
      reason: '',
      version: world.coordinator.version,
    });
    const third = run();
    await until(() => third.opened !== null);
  });

  it('beyond as many rosters a day as it agrees to', async () => {
    const { errors, run } = await world.device({ agreement: { secure: { rostersPerDay: 2 } } });
    for (let i = 0; i < 2; i++) {
      const round = run({ toDevice: () => [] });
      await until(() => round.sent.has('keys'));
    }
    const third = run();
    await until(() => world.coordinator.declines.length > 0);
    expect(world.coordinator.declines).toEqual([{ round: third.descriptor.round, reason: 'policy' }]);
    expect(errors[0].message).toMatch(/2 rosters in 24 hours/);
  });

  it('of another plan than the task has announced', async () => {
    const { errors } = await world.device({ agreement: { plans: ['secure', 'sealed'] } });
    world.coordinator.notify('invitation', world.coordinator.descriptor());
    await until(() => world.coordinator.declines.length > 0);
    expect(errors[0]).toMatchObject({
      code: 'policy',
      message: expect.stringMatching(/'sealed'; the task's is 'secure'/),
    });
  });
});
