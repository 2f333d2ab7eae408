/**
 * Secure aggregation: masking against the bare keystream, and a device's and the server's work against Flower's SecAgg+ functions for
 * the same counts (51 shares of each secret, 1M parameters), in CPU seconds.
 */
import { execFile } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  agree,
  agreementKeysOf,
  createModularAccumulator,
  elementsPerBlock,
  encodeSection,
  hkdf,
  type Masking,
  maskVector,
  scaleFor,
  seededResearchRandom,
} from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';
import { createMaskingKernel } from '../src/masking/simd-kernel.ts';
import { combineShares, dealShares } from '../src/secagg/shamir/index.ts';
import { openShares, sealShares } from '../src/secagg/share-box.ts';

const parameters = 1_000_000;
const seed = new Uint8Array(32).fill(7);
/** Flower's SecAgg+ with 51 shares: a ring of 50 neighbours and the device itself. */
const shares = 51;
const threshold = 26;
/** Uploads and devices lost before theirs, of a thousand. */
const [uploads, losses] = [950, 50];

export async function rows(): Promise<BenchRow[]> {
  return [...(await maskingRows(20)), ...(await maskingRows(16)), ...(await flowerRows())];
}

async function maskingRows(bits: number): Promise<BenchRow[]> {
  const blocks = Math.ceil(parameters / elementsPerBlock(bits));
  const kernel = createMaskingKernel(65_536);
  if (!kernel) throw new Error('This runtime has no WebAssembly SIMD.');
  const zeros = new Uint8Array(65_536);
  const accumulators = (['wasm', 'native', 'portable'] as const).map((masking: Masking) =>
    createModularAccumulator({ length: parameters, bits, section: 0, masking }),
  );
  const [bare, platform, wasm, native, portable] = await medianSeconds(
    [
      {
        name: 'bare keystream, WebAssembly',
        run() {
          for (let block = 0; block < blocks; block += 4) kernel.keystream(1024, 0, block);
        },
      },
      {
        name: "bare keystream, the platform's",
        run() {
          const cipher = createCipheriv('chacha20', seed, new Uint8Array(16));
          for (let left = 64 * blocks; left > 0; left -= zeros.length) {
            cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
          }
        },
      },
      ...accumulators.map((accumulator) => ({
        name: accumulator.masking,
        run: () => accumulator.addMask(seed, 1),
      })),
    ],
    15,
  );
  const milliseconds = (seconds: number) => `${(1e3 * seconds).toFixed(2)} ms`;
  const best = Math.min(wasm, native);
  return [
    {
      name: `client masking, 1M coordinates of ${bits} bits, over the bare keystream (WebAssembly)`,
      ratio: wasm / bare,
      target: '<= 1.5x',
      ok: wasm / bare <= 1.5,
      detail: `a mask ${milliseconds(wasm)}, its keystream ${milliseconds(bare)}`,
    },
    {
      name: `the same over the platform's own ChaCha20`,
      ratio: best / platform,
      target: '-',
      ok: null,
      detail: `keystream ${milliseconds(platform)}; a mask by WebAssembly ${milliseconds(wasm)}, by the platform ${milliseconds(native)}, in TypeScript ${milliseconds(portable)}`,
    },
  ];
}

function cpuSeconds(work: () => void): number {
  work();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** What one device does: shares dealt and boxed for fifty neighbours, one box opened for each, the vector encoded and masked. */
function clientSeconds(): number {
  const random = seededResearchRandom(1);
  const own = agreementKeysOf(random.bytes(32));
  const others = Array.from({ length: shares - 1 }, () => agreementKeysOf(random.bytes(32)).publicKey);
  const salt = random.bytes(32);
  const info = random.bytes(90);
  const vector = Float32Array.from({ length: parameters }, (_, i) => Math.sin(i) / 1000);
  const encoding = {
    section: 0,
    length: parameters,
    bits: 20,
    scale: scaleFor({ bits: 20, length: parameters, bound: 1, kind: 'rotated', maximumSummed: 1000 }),
    bound: 1,
    kind: 'rotated',
  } as const;
  return cpuSeconds(() => {
    const [ofKey, ofMask] = [
      dealShares(seed, threshold, shares - 1, random),
      dealShares(seed, threshold, shares - 1, random),
    ];
    const masks = others.map((other, place) => {
      const shared = agree(own.secretKey, other) ?? seed;
      const key = hkdf(shared, salt, info);
      const box = sealShares(key, 0, place, { maskKey: ofKey[place], selfMask: ofMask[place] }, random);
      if (!openShares(box, key, 0, place)) throw new Error('A box does not open.');
      return { seed: hkdf(agree(own.secretKey, other) ?? seed, salt, info), sign: 1 as const };
    });
    const values = encodeSection(vector.slice(), encoding, salt, random);
    maskVector([values], [{ length: parameters, bits: 20 }], [{ seed, sign: 1 }, ...masks]);
  });
}

/** Server: the self mask of one survivor, and the pairwise masks of one that dropped. */
function serverSeconds(): { readonly survivor: number; readonly dropout: number } {
  const random = seededResearchRandom(2);
  const others = Array.from({ length: shares - 1 }, () => agreementKeysOf(random.bytes(32)).publicKey);
  const dealt = dealShares(seed, threshold, shares - 1, random).map((value, i) => ({ x: i + 1, value }));
  const salt = random.bytes(32);
  const info = random.bytes(90);
  const sum = createModularAccumulator({ length: parameters, bits: 20, section: 0 });
  const repeats = 20;
  const survivor = cpuSeconds(() => {
    for (let i = 0; i < repeats; i++) {
      const secret = combineShares(dealt.slice(0, threshold));
      sum.addMask(hkdf(secret, salt, info), -1);
    }
  });
  const dropout = cpuSeconds(() => {
    const { secretKey } = agreementKeysOf(combineShares(dealt.slice(0, threshold)));
    for (const other of others) sum.addMask(hkdf(agree(secretKey, other) ?? seed, salt, info), 1);
  });
  return { survivor: survivor / repeats, dropout };
}

interface FlowerSeconds {
  readonly client: number;
  readonly survivor: number;
  readonly dropout: number;
  readonly version: string;
}

async function flowerRows(): Promise<BenchRow[]> {
  const client = clientSeconds();
  const server = serverSeconds();
  const flower = await flowerSeconds();
  const total = (of: { readonly survivor: number; readonly dropout: number }) =>
    uploads * of.survivor + losses * of.dropout;
  const seconds = (value: number) => `${value.toFixed(value < 1 ? 3 : 1)} s`;
  const serverName = 'server unmasking, 1,000 devices, 1M parameters, 5 % dropped, CPU';
  const clientName = 'client: shares, boxes, encoding and masks for 50 neighbours, 1M parameters, CPU';
  const ours = `one survivor ${seconds(server.survivor)}, one dropout ${seconds(server.dropout)}, ${uploads} and ${losses} of them ${seconds(total(server))}`;
  if (typeof flower === 'string') {
    return [
      { name: serverName, ratio: null, target: ">= 10x less than Flower's", ok: null, detail: `${ours}; ${flower}` },
      {
        name: clientName,
        ratio: null,
        target: ">= 5x less than Flower's",
        ok: null,
        detail: `${seconds(client)}; ${flower}`,
      },
    ];
  }
  const theirs = `flwr ${flower.version}`;
  return [
    {
      name: serverName,
      ratio: total(flower) / total(server),
      target: ">= 10x less than Flower's",
      ok: total(flower) / total(server) >= 10,
      detail: `${ours}; ${theirs}: ${seconds(flower.survivor)}, ${seconds(flower.dropout)}, ${seconds(total(flower))}`,
    },
    {
      name: clientName,
      ratio: flower.client / client,
      target: ">= 5x less than Flower's",
      ok: flower.client / client >= 5,
      detail: `${seconds(client)}; ${theirs}: ${seconds(flower.client)}`,
    },
  ];
}

/** What Flower's functions take on the same machine, or why they could not be asked. */
async function flowerSeconds(): Promise<FlowerSeconds | string> {
  const python = process.env.TRIBUTARY_PYTHON ?? 'python3';
  const run = promisify(execFile);
  try {
    await run(python, ['-c', 'import flwr']);
  } catch {
    return `no peer: ${python} has no flwr (pip install flwr, or name a Python in TRIBUTARY_PYTHON)`;
  }
  const script = fileURLToPath(new URL('./flower_secagg.py', import.meta.url));
  const { stdout } = await run(python, [script, `${parameters}`, `${shares}`, `${threshold}`]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FlowerSeconds;
}
