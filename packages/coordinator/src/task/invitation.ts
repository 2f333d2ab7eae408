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

export interface Invitation {
  readonly descriptor: RoundDescriptor;
  /** Identity of the round, in hex. */
  readonly hash: string;
}

/** @param particulars with a sealing key and a nonce that are fresh for this round */
export function inviteTo(task: TaskDocument, particulars: RoundParticulars, identity: Identity): Invitation {
  const fields = describeRound(task, particulars);
  const signature = sign(roundDescriptorBytes(fields), identity.secretKey);
  return { descriptor: { ...fields, signature }, hash: roundHash(fields) };
}
