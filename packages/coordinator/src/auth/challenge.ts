/** The handshake's two sides at the coordinator: a fresh nonce out, a signature over it back. */
import { type SecureRandom, verify } from '@tributary/privacy';
import { authenticationBytes, type Content, checkProtocol, protocolRange, RefusalError } from '@tributary/protocol';

export function createChallenge(
  coordinatorKey: Uint8Array,
  random: SecureRandom,
  software: string,
): Content<'challenge'> {
  return {
    protocolMinimum: protocolRange.minimum,
    protocolMaximum: protocolRange.maximum,
    coordinatorKey,
    nonce: random.bytes(32),
    software,
  };
}

/** @throws RefusalError 'protocol-too-old', 'protocol-too-new', 'bad-signature' */
export function checkAuthentication(challenge: Content<'challenge'>, proof: Content<'authenticate'>): void {
  checkProtocol(proof.protocol);
  const message = authenticationBytes({
    nonce: challenge.nonce,
    coordinatorKey: challenge.coordinatorKey,
    task: proof.task,
    identity: proof.identity,
    protocol: proof.protocol,
  });
  if (!verify(proof.signature, message, proof.identity)) {
    throw new RefusalError(
      'bad-signature',
      "The proof of identity is not a signature over this connection's challenge; sign the nonce that came with it.",
    );
  }
}
