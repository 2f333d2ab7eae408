/** The page's side of the bridge that `docs/native-apps.md` shows, over a real device and coordinator. */
import { afterEach, expect, it } from 'vitest';
import { bridge } from '../../packages/client/examples/webview-bridge.ts';
import { until } from '../../packages/client/src/testing/until.ts';
import { startWorld, taskDocument, type World } from './client-world.ts';

let world: World;
afterEach(() => world.close());

it('takes calls as JSON, answers each by its number, and tells of events', async () => {
  const cohort = { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 20, collectionSeconds: 30 };
  world = await startWorld(taskDocument({ rounds: 1, cohort }));
  const { tributary } = await world.device({ consent: 'pending' }, 0, 0);
  const posted: { readonly id?: number; readonly event?: string; readonly value?: unknown; readonly error?: object }[] =
    [];
  const call = bridge(tributary, (json) => posted.push(JSON.parse(json)));
  const answerOf = async (id: number, name: string, ...input: unknown[]) => {
    await call(JSON.stringify({ id, name, input }));
    return posted.find((message) => message.id === id);
  };

  expect(await answerOf(1, 'track', { type: 'view', itemId: 'sku-3' })).toEqual({ id: 1, value: null });
  expect(posted).toContainEqual({ event: 'history', value: { events: 1 } });
  expect(await answerOf(2, 'recommend')).toMatchObject({ error: { code: 'no-model' } });
  await answerOf(3, 'grant');
  expect(posted).toContainEqual({ event: 'consent', value: { status: 'granted' } });
  tributary.start();
  await until(() => posted.some(({ event }) => event === 'version'));
  expect(await answerOf(4, 'recommend', { count: 3 })).toMatchObject({ value: { items: [{}, {}, {}] } });
  expect(await answerOf(5, 'search', 'thing 4', { count: 1 })).toMatchObject({ value: { items: [{ id: 'sku-4' }] } });
  expect(await answerOf(6, 'constructor')).toEqual({ id: 6, error: { message: 'There is no such call.' } });
});
