/** Phases 1 and 2: keys are taken from registered identities, and the roster is closed over them. */
import type { Identity, Verify } from '../../identity/index.ts';
import { agree, createAgreementKeys } from '../../key-agreement/index.ts';
import { systemRandom } from '../../random/secure-random.ts';
import { indexList } from '../bitmap.ts';
import { SecureAggregationError } from '../error.ts';
import { keysFrame } from '../frames.ts';
import { graphOf } from '../graph.ts';
import type { IdentityProof, KeysMessage } from '../messages.ts';
import { isCanonicalKey, keyText, makeRoster } from '../roster.ts';
import type { SecureRound } from '../secure-round.ts';
import { type CoordinatorMessage, type Entrant, expectLength, type RosterTable } from './tables.ts';

/** To find keys of low order, with which any secret agrees to zero; no secret itself. */
const probe = createAgreementKeys(systemRandom).secretKey;

export type ProofOf = (identity: Uint8Array) => IdentityProof | null;

/** @throws SecureAggregationError */
export function checkKeys(
  round: SecureRound,
  identity: Uint8Array,
  { shareKey, maskKey, signature }: KeysMessage,
  seen: ReadonlySet<string>,
  verify: Verify,
): void {
  expectLength(shareKey, 32, 'A share key');
  expectLength(maskKey, 32, 'A mask key');
  for (const key of [shareKey, maskKey]) {
    if (!isCanonicalKey(key) || !agree(probe, key)) {
      throw new SecureAggregationError('low-order-key', 'A key is of low order, or not in its one encoding.');
    }
    if (seen.has(keyText(key))) throw new SecureAggregationError('duplicate-key', 'A key was sent before.');
  }
  if (keyText(shareKey) === keyText(maskKey)) {
    throw new SecureAggregationError('duplicate-key', 'Share key and mask key are the same.');
  }
  if (!verify(signature, keysFrame(round.roundHash, identity, shareKey, maskKey), identity)) {
    throw new SecureAggregationError('bad-signature', 'The keys are not signed by the identity for this round.');
  }
}

/** @throws SecureAggregationError 'roster-too-small', 'graph-unsafe' */
export function closeRoster(
  round: SecureRound,
  entrants: ReadonlyMap<string, Entrant>,
  coordinator: Identity,
  verify: Verify,
): { readonly table: RosterTable; readonly message: CoordinatorMessage } {
  if (entrants.size < round.minimum) {
    throw new SecureAggregationError(
      'roster-too-small',
      `${entrants.size} devices sent keys; at least ${round.minimum} are needed.`,
    );
  }
  const graph = graphOf(round, entrants.size);
  const { roster, message } = makeRoster(round, entrants, coordinator);
  const idByKey = new Map([...entrants].map(([id, { identity }]) => [keyText(identity), id]));
  const indexOf = new Map(roster.entries.map(({ identity }, i) => [idByKey.get(keyText(identity)) as string, i]));
  const table: RosterTable = {
    roster,
    graph,
    verify,
    indexOf,
    drawn: new Map(),
    inNeighbours: new Map(),
    dealt: new Map(),
    masked: new Map(),
    uploads: new Map(),
    shown: new Map(),
    acknowledged: new Map(),
    revealed: new Map(),
  };
  return { table, message: { name: 'roster', message } };
}

/** In the full graph everybody has drawn everybody else. */
export function drawFullGraph(table: RosterTable): void {
  const n = table.roster.entries.length;
  for (let index = 0; index < n; index++) {
    const out = Array.from({ length: n - 1 }, (_, i) => (i < index ? i : i + 1));
    table.drawn.set(index, { out, message: null });
    table.inNeighbours.set(index, out);
  }
}

/** Phase 3b for one device. */
export function neighbourKeysFor(table: RosterTable, index: number, proofOf: ProofOf | undefined): CoordinatorMessage {
  const { roster, graph, drawn } = table;
  const inNeighbours = table.inNeighbours.get(index) ?? [];
  const out = drawn.get(index)?.out ?? [];
  const stride = 4 * graph.degree + 64;
  const lists = new Uint8Array(graph.full ? 0 : stride * inNeighbours.length);
  if (!graph.full) {
    inNeighbours.forEach((neighbour, place) => {
      const message = drawn.get(neighbour)?.message;
      if (!message) return;
      lists.set(message.neighbours, stride * place);
      lists.set(message.signature, stride * place + 4 * graph.degree);
    });
  }
  const proofs = proofOf
    ? out.map((neighbour) => proofOf(roster.entries[neighbour].identity) ?? { index: 0, path: new Uint8Array(0) })
    : [];
  return { name: 'neighbourKeys', message: { inNeighbours: indexList(inNeighbours), lists, proofs } };
}
