/** However many contributions a round takes, the coordinator's memory is that of a few models. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { payloadLength, type RoundDescriptor } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { connectRaw, payloadOf, type RawDevice, sealedTo, upload } from '../testing/raw-device.ts';
import { secureParticipant } from '../testing/raw-secure-device.ts';
import { smallTask } from '../testing/small-world.ts';

/** A model of 1,000,000 parameters. */
const items = 62_500;
const modelBytes = 4 * 16 * items;
/** TRIBUTARY_MEMORY_UPLOADS=1000 for the whole of it, some minutes. */
const uploads = Number(process.env['TRIBUTARY_MEMORY_UPLOADS'] ?? 40);
/** Devices that upload at the same time: more than there are places. */
const lanes = 8;
/** Fewest of a secure round; each masks its vector with a stream for every other. Their vectors together are 17.5 models. */
const secureUploads = 28;

/** One round of so many devices; how many models of memory the coordinator took above what it had before. */
async function modelsTaken(
  plan: 'sealed' | 'secure',
  count: number,
  contribute: (devices: readonly RawDevice[], descriptor: RoundDescriptor) => Promise<unknown>,
): Promise<number> {
  const server: ChildProcess = fork(
    fileURLToPath(new URL('../testing/memory-server.ts', import.meta.url)),
    [`${items}`, `${count}`, plan],
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
    for (let i = 0; i < count; i++) {
      const device = await connectRaw(url);
      await device.authenticate(smallTask);
      devices.push(device);
    }
    for (const device of devices.slice(1)) await device.request('join', {});
    await ask('baseline');
    await devices[0].request('join', {});
    const descriptor = await devices[0].next('invitation');
    await contribute(devices, descriptor);
    expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
    const { baseline, peak } = await ask('peak');
    const models = (peak - baseline) / modelBytes;
    console.log(`${count} ${plan} uploads: ${models.toFixed(1)} models above ${(baseline / 2 ** 20).toFixed(0)} MiB`);
    for (const device of devices) device.close();
    return models;
  } finally {
    const gone = once(server, 'exit');
    server.disconnect();
    await gone;
  }
}

describe(`${uploads} sealed uploads of a model of a million parameters`, () => {
  it('let the resident memory of the coordinator grow by less than 8 models', {
    timeout: 300_000 + 1000 * uploads,
  }, async () => {
    const models = await modelsTaken('sealed', uploads, async (devices, descriptor) => {
      const payload = payloadOf(descriptor);
      const queue = [...devices];
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          for (let device = queue.pop(); device; device = queue.pop()) {
            await upload(device, descriptor.round, sealedTo(descriptor, payload));
          }
        }),
      );
    });
    expect(models).toBeLessThan(8);
  });
});

describe(`${secureUploads} masked uploads of a model of a million parameters`, () => {
  it('let what the coordinator holds grow by less than 16 models', async () => {
    const models = await modelsTaken('secure', secureUploads, async (devices, descriptor) => {
      const participants = devices.map((device) => {
        const vector = new Float32Array(payloadLength(descriptor.sections)).fill(0.5);
        return secureParticipant(device, descriptor, 'members', vector);
      });
      await Promise.all(participants.map((participant) => participant.start()));
      // All of them mask in this one thread; a place would be lost meanwhile.
      await Promise.all(participants.map((participant) => participant.runTo('upload')));
      await Promise.all(participants.map((participant) => participant.runTo('end')));
    });
    expect(models).toBeLessThan(16);
  });
});
