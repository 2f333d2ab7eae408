/**
 * The platform's primitives against the portable ones that pages run, and a whole strict verification against OpenSSL's alone, its
 * key object at hand: what checking encodings and reading the key anew cost.
 */
import { createPublicKey, verify as opensslVerify } from 'node:crypto';
import { createAgreementKeys, createIdentity, systemRandom } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { type Contestant, medianSeconds } from '../../../bench/median-seconds.ts';
import { nativeEd25519, portableEd25519 } from '../src/identity/ed25519.ts';
import { nativeX25519, portableX25519 } from '../src/key-agreement/x25519.ts';
import { nativeHkdf, portableHkdf } from '../src/key-derivation/hkdf.ts';

const turns = 15;

export async function rows(): Promise<BenchRow[]> {
  if (!nativeEd25519 || !nativeX25519 || !nativeHkdf) throw new Error('This runtime has no native primitives.');
  const [ed25519, x25519, hkdf] = [nativeEd25519, nativeX25519, nativeHkdf];
  const { publicKey, secretKey } = createIdentity(systemRandom);
  const message = systemRandom.bytes(200);
  const signature = ed25519.sign(message, secretKey);
  const [own, other] = [createAgreementKeys(systemRandom), createAgreementKeys(systemRandom)];
  const salt = systemRandom.bytes(32);
  const x = Buffer.from(publicKey).toString('base64url');
  const keyObject = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });

  const agree = await compare(
    'X25519 agreement',
    8,
    () => x25519.agree(own.secretKey, other.publicKey),
    () => portableX25519.agree(own.secretKey, other.publicKey),
  );
  const sign = await compare(
    'Ed25519 signature',
    8,
    () => ed25519.sign(message, secretKey),
    () => portableEd25519.sign(message, secretKey),
  );
  const verify = await compare(
    'Ed25519 verification',
    5,
    () => ed25519.verify(signature, message, publicKey),
    () => portableEd25519.verify(signature, message, publicKey),
  );
  const derive = await compare(
    'HKDF-SHA256, 32 bytes',
    2,
    () => hkdf(salt, salt, message),
    () => portableHkdf(salt, salt, message),
  );
  const [whole, bare] = await medianSeconds(
    [
      repeated('strict', 200, () => ed25519.verify(signature, message, publicKey)),
      repeated('bare', 200, () => opensslVerify(null, message, keyObject, signature)),
    ],
    turns,
  );
  const most = 1.25;
  return [
    agree,
    sign,
    verify,
    derive,
    {
      name: 'strict Ed25519 verification over OpenSSL’s with its key object at hand',
      ratio: whole / bare,
      target: `<= ${most}x`,
      ok: whole / bare <= most,
      detail: `${microseconds(whole / 200)} against ${microseconds(bare / 200)}`,
    },
  ];
}

/** @param least how many times faster the native one has to be */
async function compare(name: string, least: number, native: () => unknown, portable: () => unknown): Promise<BenchRow> {
  const [fast, slow] = await medianSeconds(
    [repeated('native', 200, native), repeated('portable', 20, portable)],
    turns,
  );
  const [nativeSeconds, portableSeconds] = [fast / 200, slow / 20];
  const ratio = portableSeconds / nativeSeconds;
  return {
    name: `${name}, native over portable`,
    ratio,
    target: `>= ${least}x`,
    ok: ratio >= least,
    detail: `native ${microseconds(nativeSeconds)}, portable ${microseconds(portableSeconds)}`,
  };
}

function repeated(name: string, times: number, work: () => unknown): Contestant {
  return {
    name,
    run: () => {
      for (let i = 0; i < times; i++) work();
    },
  };
}

const microseconds = (seconds: number) => `${(seconds * 1e6).toFixed(1)} µs`;
