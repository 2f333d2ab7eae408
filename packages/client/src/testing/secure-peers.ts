/** The other devices of a secure round, in one process: the real machine with random contributions, and a policy that takes any graph. */
import {
  bytesToHex,
  createIdentity,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceMessages,
  type DeviceState,
  deviceTransition,
  encodeSection,
  type Identity,
  maskVector,
  type SectionEncoding,
  type SecureRound,
  type SecureServer,
  sha256,
  startDevice,
  systemRandom,
  type Verify,
} from '@tributary/privacy';

export const createPeers = (count: number): readonly Identity[] =>
  Array.from({ length: count }, () => createIdentity(systemRandom));

const policy = { minimumRoster: 3, corrupt: 0, security: 1, openedFraction: 0, openedMinimum: 0 };

export interface SecurePeers {
  /** Sends everybody's keys. */
  start(server: SecureServer): void;
  /** Delivers what one of them is sent, and its answer. Another device's id is ignored. */
  receive(server: SecureServer, id: string, events: readonly DeviceEvent[]): void;
  /** Masked vectors that were uploaded. */
  readonly vectors: readonly Uint8Array[];
  /** The plain sum of their integers, for each section. */
  plainSum(): readonly Uint32Array[];
}

/** @param metrics evaluation and weight of each, in [0, 1] */
export function securePeers(options: {
  readonly identities: readonly Identity[];
  readonly round: SecureRound;
  readonly encodings: readonly SectionEncoding[];
  readonly metrics: Float32Array;
  readonly verify: Verify;
}): SecurePeers {
  const { identities, round, encodings, metrics, verify } = options;
  const sums = encodings.map(({ length }) => new Uint32Array(length));
  const vectors: Uint8Array[] = [];
  const peers = new Map<string, { state: DeviceState; values: readonly Uint32Array[] }>();

  function randomValues(): readonly Uint32Array[] {
    const contribution = new Float32Array(encodings[0].length).map(() => systemRandom.bytes(1)[0] / 256 - 0.5);
    return [contribution, metrics].map((vector, section) =>
      encodeSection(vector, encodings[section], round.roundHash, systemRandom),
    );
  }

  function answer(server: SecureServer, id: string, effect: DeviceEffect): void {
    const peer = peers.get(id);
    if (!peer || effect.kind === 'remember') return;
    if (effect.kind === 'send') {
      server.receive(id, effect.name, effect.message as DeviceMessages[typeof effect.name]);
      return;
    }
    if (effect.kind === 'upload') throw new Error('A statement belongs to a vector.');
    const vector = maskVector(peer.values, round.sections, effect.masks);
    const vectorHash = sha256(vector);
    const next = deviceTransition(peer.state, { kind: 'masked', vectorHash }, systemRandom);
    peer.state = next.state;
    for (const { kind, ...rest } of next.effects) {
      if (kind === 'upload' && 'statement' in rest) server.uploaded(id, rest.statement, vectorHash);
    }
    vectors.push(vector);
    peer.values.forEach((values, section) => {
      values.forEach((value, i) => {
        sums[section][i] += value;
      });
    });
  }

  return {
    vectors,
    start(server) {
      for (const identity of identities) {
        const { state, message } = startDevice({ round, policy, identity, random: systemRandom, verify });
        const id = bytesToHex(identity.publicKey);
        peers.set(id, { state, values: randomValues() });
        server.receive(id, 'keys', message);
      }
    },
    receive(server, id, events) {
      const peer = peers.get(id);
      if (!peer) return;
      for (const event of events) {
        const next = deviceTransition(peer.state, event, systemRandom);
        peer.state = next.state;
        for (const effect of next.effects) answer(server, id, effect);
      }
    },
    plainSum: () => sums,
  };
}
