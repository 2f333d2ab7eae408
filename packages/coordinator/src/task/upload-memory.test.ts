/** However many contributions a round takes, the coordinator's memory is that of a few models. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { connectRaw, payloadOf, type RawDevice, sealedTo, upload } from '../testing/raw-device.ts';
import { smallTask } from '../testing/small-world.ts';

/** A model of 1,000,000 parameters. */
const items = 62_500;
const modelBytes = 4 * 16 * items;
/** TRIBUTARY_MEMORY_UPLOADS=1000 for the whole of it, some minutes. */
const uploads = Number(process.env['TRIBUTARY_MEMORY_UPLOADS'] ?? 40);
/** Devices that upload at the same time: more than there are places. */
const lanes = 8;

describe(`${uploads} sealed uploads of a model of a million parameters`, () => {
  it('let the resident memory of the coordinator grow by less than 8 models', {
    timeout: 60_000 + 1000 * uploads,
  }, async () => {
    const server = fork(
      fileURLToPath(new URL('../testing/memory-server.ts', import.meta.url)),
      [`${items}`, `${uploads}`],
      {
        execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=source', '--expose-gc'],
      },
    );
    const ask = async (question: string): Promise<{ baseline: number; peak: number }> => {
      server.send(question);
      return (await once(server, 'message'))[0];
    };
    try {
      const [{ url }] = await once(server, 'message');
      const devices: RawDevice[] = [];
      for (let i = 0; i < uploads; i++) {
        const device = await connectRaw(url);
        await device.authenticate(smallTask);
        devices.push(device);
      }
      for (const device of devices.slice(1)) await device.request('join', {});
      await ask('baseline');
      await devices[0].request('join', {});
      const descriptor = await devices[0].next('invitation');
      const payload = payloadOf(descriptor);
      const queue = [...devices];
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          for (let device = queue.pop(); device; device = queue.pop()) {
            await upload(device, descriptor.round, sealedTo(descriptor, payload));
          }
        }),
      );
      expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
      const { baseline, peak } = await ask('peak');
      const models = (peak - baseline) / modelBytes;
      console.log(`${uploads} uploads: ${models.toFixed(1)} models above ${(baseline / 2 ** 20).toFixed(0)} MiB`);
      expect(models).toBeLessThan(8);
      for (const device of devices) device.close();
    } finally {
      server.kill();
    }
  });
});
