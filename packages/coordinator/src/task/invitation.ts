/** The signed description of a round, which is its invitation. */
import { type Identity, sign } from '@tributary/privacy';
import {
  describeRound,
  type RoundDescriptor,
  type RoundParticulars,
  roundDescriptorBytes,
  roundHash,
  type TaskDocument,
} from '@tributary/protocol';
import type { ActiveRound } from './active-round.ts';
import type { AggregationPort, Aggregations } from './aggregation.ts';

export interface Invitation {
  readonly descriptor: RoundDescriptor;
  /** Identity of the round, in hex. */
  readonly hash: string;
}

/** @param particulars with a nonce, and where uploads are sealed a key, that are fresh for this round */
export function inviteTo(task: TaskDocument, particulars: RoundParticulars, identity: Identity): Invitation {
  const fields = describeRound(task, particulars);
  const signature = sign(roundDescriptorBytes(fields), identity.secretKey);
  return { descriptor: { ...fields, signature }, hash: roundHash(fields) };
}

/** Describes the round, signs it, and starts its aggregation; nobody has been told yet. */
export function inviteDevices(
  round: ActiveRound,
  invited: readonly string[],
  options: {
    readonly task: TaskDocument;
    readonly particulars: Omit<RoundParticulars, 'round' | 'sealingKey' | 'secure'>;
    readonly identity: Identity;
    readonly aggregations: Aggregations;
    readonly port: AggregationPort;
  },
): Invitation {
  const { task, particulars, identity, aggregations, port } = options;
  const prepared = aggregations.prepare(particulars.clipNorm ?? task.privacy.clipNorm);
  const { sealingKey, secure } = prepared;
  const invitation = inviteTo(task, { ...particulars, round: round.state.round, sealingKey, secure }, identity);
  round.descriptor = invitation.descriptor;
  round.hash = invitation.hash;
  round.record = { ...round.record, invited: invited.length };
  round.aggregation = prepared.start(invitation, invited, port);
  return invitation;
}
