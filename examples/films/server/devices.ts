/** The other people's devices: each a full instance of the SDK with a storage and an identity of its own. */
import { createModelCache, createTributary, memoryStorage, type Tributary } from '@tributary/client';
import type { Coordinator } from '@tributary/coordinator';
import { memoisedVerify } from '@tributary/privacy';

export interface Devices {
  stop(): Promise<void>;
}

/**
 * @param histories of each device's person, ids, oldest first
 * @param onProblem is told what a device does not get over by itself; no message names what a person saw
 */
export async function startDevices(
  coordinator: Pick<Coordinator, 'url' | 'publicKey'>,
  task: string,
  histories: readonly (readonly string[])[],
  onProblem: (message: string) => void,
): Promise<Devices> {
  // What is computed from equal bytes is computed once; each device downloads and checks its own.
  const modelCache = createModelCache({ capacity: 2, downloads: 'each' });
  const verify = memoisedVerify();
  const devices: Tributary[] = [];
  for (const history of histories) {
    const device = await createTributary({
      url: coordinator.url,
      task,
      coordinatorKey: coordinator.publicKey,
      consent: 'granted',
      storage: memoryStorage(),
      modelCache,
      verify,
      // Rounds follow each other in seconds here, so that there is something to see; a device of a real task takes part more rarely.
      agreement: { secure: { rostersPerDay: 100_000 } },
      autoStart: false,
    });
    for (const [place, itemId] of history.entries()) await device.track({ type: 'like', itemId, at: place });
    device.on('error', ({ code, message }) => onProblem(`a device reports ${code}: ${message}`));
    devices.push(device);
  }
  for (const device of devices) device.start();
  return {
    async stop() {
      await Promise.all(devices.map((device) => device.stop()));
    },
  };
}
