import { expect, it } from 'vitest';
import { scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { createTributary, type TributaryEvents } from './index.ts';

it('tells with every phase of a round what the battery has left, and nothing while it is on a charger', async () => {
  const coordinator = await startScriptedCoordinator();
  const battery = Object.assign(new EventTarget(), { charging: false, level: 0.75 });
  const tributary = await createTributary({
    ...{ url: coordinator.url, task: scriptedTask, consent: 'granted', agreement: { plans: ['sealed'] } },
    surroundings: { navigator: { getBattery: async () => battery } },
  });
  try {
    const rounds: TributaryEvents['round'][] = [];
    let uploaded: () => void = () => {};
    tributary.on('round', (round) => {
      rounds.push(round);
      battery.level -= 0.0625;
      battery.charging = round.phase === 'training';
      if (round.phase === 'uploaded') uploaded();
    });
    await tributary.track({ type: 'view', itemId: 'film-1' });
    while (![...coordinator.devices].some(({ joined }) => joined))
      await new Promise((resolve) => setTimeout(resolve, 5));
    const done = new Promise<void>((resolve) => {
      uploaded = resolve;
    });
    coordinator.notify('invitation', coordinator.descriptor());
    await done;
    expect(rounds.map(({ phase, charge }) => [phase, charge])).toEqual([
      ['invited', 0.75],
      ['downloading', 0.6875],
      ['training', 0.625],
      ['uploading', undefined],
      ['uploaded', 0.5],
    ]);
  } finally {
    await tributary.stop();
    await coordinator.close();
  }
});
