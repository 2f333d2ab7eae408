import { createTributary, fileStorage } from '@tributary/client/node';

const url = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:7450';
const tributary = await createTributary({ url, task: 'shop', storage: await fileStorage('device-data') });
tributary.on('round', ({ round, phase }) => console.log(`round ${round}: ${phase}`));
await tributary.track({ type: 'view', itemId: 'sku-42' }); // stays on this device
await tributary.consent.grant(); // nothing is sent before this
const { items, recommendationId } = await tributary.recommend({ count: 5 });
await tributary.track({ type: 'click', itemId: items[0].id, recommendationId });
await tributary.finished; // takes part in rounds until the task ends
console.log((await tributary.recommend({ count: 5 })).items.map(({ title }) => title).join(', '));
await tributary.stop();
