/**
 * One secure round with all its cryptography in one process: many devices, a large model, some lost in every phase; the opened sum
 * compared with the plain one. Run alone:
 *
 *   npx tsx --conditions=source test/scale/secure-thousand.ts --devices 1000 --parameters 1000000 --dropped 0.05
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openCpuEngine, unmask } from '@tributary/coordinator/aggregation';
import {
  createSecureServer,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceState,
  deviceTransition,
  graphForRange,
  type MaskSeed,
  memoisedReadRoster,
  memoisedVerify,
  packedLength,
  sha256,
  startDevice,
  wipeDevice,
} from '@tributary/privacy';
import { rehearse } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';
import { syntheticVector } from './synthetic-vector.ts';

function option(name: string, usual: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? usual : Number(process.argv[at + 1]);
}

const n = option('--devices', 1000);
const parameters = option('--parameters', 1_000_000);
const dropped = Math.floor(n * option('--dropped', 0.05));
const sections = [{ length: parameters, bits: 20 }];

/** Threads that mask, so many vectors at a time. */
function maskers(count: number) {
  const idle: Worker[] = Array.from(
    { length: count },
    () =>
      new Worker(
        `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(
          fileURLToPath(new URL('./mask-worker.ts', import.meta.url)),
        )}); })`,
        { eval: true, execArgv: ['--conditions=source'] },
      ),
  );
  const all = [...idle];
  const waiting: ((worker: Worker) => void)[] = [];
  const take = () =>
    new Promise<Worker>((resolve) => {
      const worker = idle.pop();
      if (worker) resolve(worker);
      else waiting.push(resolve);
    });
  return {
    async mask(user: number, masks: readonly MaskSeed[]): Promise<Uint8Array> {
      const worker = await take();
      const vector = await new Promise<Uint8Array>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('message', (reply: { vector: Uint8Array }) => {
          worker.removeListener('error', reject);
          resolve(reply.vector);
        });
        worker.postMessage({ user, sections, masks });
      });
      const next = waiting.shift();
      if (next) next(worker);
      else idle.push(worker);
      return vector;
    },
    close: () => Promise.all(all.map((worker) => worker.terminate())),
  };
}

const minimum = Math.floor(0.85 * n);
const plan = graphForRange(minimum, n, { corrupt: 0.05, dropout: 0.1 });
if (plan.graph === 'infeasible') throw new Error(plan.explanation);
const { round, coordinator, devices, policy, random, proofOf } = rehearse({
  n,
  sections: [{ length: 1, bits: 20 }],
  seed: 1,
  minimum,
  policy: { openedFraction: 5000 },
  ...(plan.graph === 'full' ? {} : { degree: plan.degree, threshold: plan.threshold, inDegreeCap: plan.inDegreeCap }),
});
const started = performance.now();
const verify = memoisedVerify(16 * n);
const readRoster = memoisedReadRoster();
const server = createSecureServer({ round, coordinator, devices: devices.map(({ id }) => id), proofOf, verify });
const running = new Map<string, { user: number; state: DeviceState; effects: readonly DeviceEffect[] }>();
devices.forEach(({ id, identity }, user) => {
  const { state, message } = startDevice({ round, policy, identity, random, verify, readRoster });
  running.set(id, { user, state, effects: [] });
  server.receive(id, 'keys', message);
});
const deliver = ({ messages }: ReturnType<typeof server.advance>) => {
  for (const [id, list] of messages) {
    const one = running.get(id);
    if (!one) continue;
    one.effects = [];
    for (const { name, message } of list) {
      const next = deviceTransition(one.state, { kind: name, message } as DeviceEvent, random);
      one.state = next.state;
      one.effects = [...one.effects, ...next.effects];
    }
  }
};
const answer = () => {
  for (const [id, { effects }] of running) {
    for (const effect of effects) if (effect.kind === 'send') server.receive(id, effect.name, effect.message);
  }
};
const lose = (count: number) => {
  for (const [id, one] of [...running].slice(0, count)) {
    wipeDevice(one.state);
    running.delete(id);
  }
};

deliver(server.advance());
if (server.phase === 'neighbours') {
  answer();
  deliver(server.advance());
}
answer();
deliver(server.advance());
const prepared = performance.now();

/** What the coordinator holds of vectors, from here on: the accumulator and what arrives. */
const before = process.memoryUsage().arrayBuffers;
let peak = before;
const engine = openCpuEngine();
const sum = engine.createModularSum([{ length: parameters, bits: 20 }]);
const plain = new Uint32Array(parameters);
// Half of the losses are before the upload: they cost the coordinator most.
lose(dropped - (dropped >> 1));
const threads = maskers(2);
const queue = [...running];
await Promise.all(
  Array.from({ length: 2 }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [id, one] = next;
      const mask = one.effects.find((effect) => effect.kind === 'mask');
      if (!mask) throw new Error('A device has no masks.');
      const vector = await threads.mask(one.user, mask.masks);
      const hash = sha256(vector);
      const masked = deviceTransition(one.state, { kind: 'masked', vectorHash: hash }, random);
      one.state = masked.state;
      one.effects = masked.effects;
      const upload = masked.effects.find((effect) => effect.kind === 'upload');
      if (!upload || vector.length !== packedLength(parameters, 20))
        throw new Error('A vector is not as it should be.');
      server.uploaded(id, upload.statement, hash);
      sum.addPacked([vector]);
      const values = syntheticVector(one.user, 0, parameters, 20);
      for (let i = 0; i < parameters; i++) plain[i] += values[i];
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
  }),
);
await threads.close();
const collected = performance.now();
deliver(server.advance());
lose(dropped >> 1);
answer();
deliver(server.advance());
answer();
server.advance();
const revealed = performance.now();
const { masks, count, uploaded } = server.opening();
const sums = await unmask(sum, masks);
const opened = performance.now();
await engine.close();
peak = Math.max(peak, process.memoryUsage().arrayBuffers);
const exact = sums[0].every((value, i) => ((value ^ plain[i]) & 0xf_ffff) === 0);
console.log(
  JSON.stringify({
    devices: n,
    parameters,
    uploaded,
    dropped,
    degree: server.graph?.degree,
    threshold: server.graph?.threshold,
    masksRemoved: count,
    exact,
    seconds: {
      keysAndShares: (prepared - started) / 1000,
      maskingAndSumming: (collected - prepared) / 1000,
      revealing: (revealed - collected) / 1000,
      unmasking: (opened - revealed) / 1000,
    },
    // Two of them are this script's own: the plain sum, and a device's values while it is added to it.
    modelCopies: Number(((peak - before) / (4 * parameters)).toFixed(1)),
  }),
);
