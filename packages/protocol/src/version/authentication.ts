import { frame, u32le, utf8 } from '@tributary/privacy/bytes';

/** What a device signs to prove its identity: the coordinator's fresh nonce and key, the task, the identity, the protocol. */
export function authenticationBytes(fields: {
  readonly nonce: Uint8Array;
  readonly coordinatorKey: Uint8Array;
  readonly task: string;
  readonly identity: Uint8Array;
  readonly protocol: number;
}): Uint8Array {
  const { nonce, coordinatorKey, task, identity, protocol } = fields;
  return frame('tributary/v1/authenticate', u32le(protocol), nonce, coordinatorKey, utf8(task), identity);
}
