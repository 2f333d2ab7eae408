/** An https server on this machine whose certificate is drawn when it starts, so that no key lies in the sources. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';

/** Clients are to accept a certificate that signs itself. */
export async function startHttps(listener: RequestListener): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(selfSigned(), listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `https://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The least that X.509 (RFC 5280, section 4.1) asks of a certificate, version 1, signed by Ed25519 (RFC 8410). */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const algorithm = der(0x30, Buffer.from([0x06, 3, 0x2b, 0x65, 0x70]));
  const commonName = der(0x30, Buffer.from([0x06, 3, 0x55, 4, 3]), der(0x0c, Buffer.from('localhost')));
  const name = der(0x30, der(0x31, commonName));
  const time = (text: string) => der(0x17, Buffer.from(text));
  const validity = der(0x30, time('200101000000Z'), time('491231235959Z'));
  const serial = der(0x02, Buffer.from([1]));
  const own = publicKey.export({ type: 'spki', format: 'der' });
  const content = der(0x30, serial, algorithm, name, validity, name, own);
  const signature = der(0x03, Buffer.from([0]), sign(null, content, privateKey));
  const certificate = der(0x30, content, algorithm, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}

/** Tag, length and content (ITU-T X.690), of fewer than 65,536 bytes. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
