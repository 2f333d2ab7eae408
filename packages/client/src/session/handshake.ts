/** challenge → authenticate: who the coordinator is, who this device is, and what the task is. */
import { bytesToHex, type Identity, sign } from '@tributary/privacy';
import { type Answer, authenticationBytes, protocolVersion, RefusalError } from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';
import { sleep } from './backoff.ts';
import type { Connection } from './connection.ts';
import { checkCoordinatorKey, verifyVersion } from './trust.ts';

export interface Authenticated extends Answer<'authenticate'> {
  readonly coordinatorKey: Uint8Array;
}

/**
 * @param pinnedKey hex, or null where none is pinned yet
 * @throws TributaryError 'coordinator-key', 'protocol-version', 'identity-in-use', 'unknown-task', 'forged', 'connection'
 */
export async function authenticate(options: {
  readonly connection: Connection;
  readonly task: string;
  readonly identity: Identity;
  readonly pinnedKey: string | null;
  readonly software: string;
  readonly timeoutMilliseconds: number;
}): Promise<Authenticated> {
  const { connection, task, identity, pinnedKey, software, timeoutMilliseconds } = options;
  const challenge = await firstChallenge(connection, timeoutMilliseconds);
  const { protocolMinimum, protocolMaximum, coordinatorKey, nonce } = challenge;
  if (protocolVersion < protocolMinimum || protocolVersion > protocolMaximum) {
    const older = protocolVersion < protocolMinimum;
    throw new TributaryError(
      'protocol-version',
      `This device speaks protocol ${protocolVersion}; the coordinator speaks ${protocolMinimum} to ${protocolMaximum}. ` +
        `Update ${older ? 'this package' : 'the coordinator'}.`,
    );
  }
  checkCoordinatorKey(coordinatorKey, pinnedKey);
  const message = authenticationBytes({
    nonce,
    coordinatorKey,
    task,
    identity: identity.publicKey,
    protocol: protocolVersion,
  });
  const answer = await connection
    .request('authenticate', {
      protocol: protocolVersion,
      task,
      identity: identity.publicKey,
      signature: sign(message, identity.secretKey),
      software,
    })
    .catch((error) => {
      throw error instanceof RefusalError ? explain(error, task, bytesToHex(identity.publicKey)) : error;
    });
  if (answer.summary.task !== task) {
    throw new TributaryError('forged', `The coordinator answered for task '${answer.summary.task}', not '${task}'.`);
  }
  verifyVersion(answer.version, task, coordinatorKey);
  if (answer.summary.catalogueHash !== answer.version.catalogueHash) {
    throw new TributaryError(
      'forged',
      'The catalogue that the coordinator names is not the one of the signed model version.',
    );
  }
  return { ...answer, coordinatorKey };
}

async function firstChallenge(connection: Connection, timeoutMilliseconds: number) {
  const timer = new AbortController();
  const first = await Promise.race([
    connection.next(),
    sleep(timeoutMilliseconds, timer.signal).then(() => 'late' as const),
  ]);
  timer.abort();
  if (first === 'late' || first === null) {
    throw new TributaryError('connection', 'The coordinator did not open with a challenge; is this the right URL?');
  }
  if (first.name !== 'challenge') {
    throw new TributaryError('malformed', `The coordinator opened with '${first.name}' instead of a challenge.`);
  }
  return first.content;
}

function explain(error: RefusalError, task: string, identity: string): Error {
  const wrap = (code: 'identity-in-use' | 'unknown-task' | 'protocol-version', message: string) =>
    new TributaryError(code, message, { cause: error, refusal: error.code });
  switch (error.code) {
    case 'identity-in-use':
      return wrap(
        'identity-in-use',
        `Another live device has the identity ${identity.slice(0, 16)}…. Stop it, or give this device a storage of its own.`,
      );
    case 'unknown-task':
      return wrap('unknown-task', `The coordinator has no task '${task}'. Check the name against its list at /tasks.`);
    case 'protocol-too-old':
    case 'protocol-too-new':
      return wrap('protocol-version', `The coordinator refused protocol ${protocolVersion}: ${error.message}`);
    default:
      return error;
  }
}
