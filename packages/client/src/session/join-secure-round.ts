/** From an invitation to a secure round to its machine: the checks before any key is made, and the training beside it. */
import { type RoundDescriptor, throwIfAborted } from '@tributary/protocol';
import { encodeForSum, type LocalUpdate } from '../training/index.ts';
import type { Connection } from './connection.ts';
import { type SessionContext, typed } from './context.ts';
import { checkIdentityLog } from './identity-trust.ts';
import { enterRoster } from './secure-participation.ts';
import { secureRoundOf, unmaskingMilliseconds } from './secure-round.ts';
import { createSecureWork, type SecureWork } from './secure-work.ts';

/**
 * @param train trains for the round on the connection that is open now; called again where the last one was lost
 * @param until when uploads are refused, by `context.elapsed`
 * @throws TributaryError 'forged' or 'policy' for a round that this device does not enter; 'connection'; the signal's reason
 */
export async function joinSecureRound(options: {
  readonly context: SessionContext;
  readonly connection: Connection;
  readonly coordinatorKey: Uint8Array;
  readonly population: string;
  readonly descriptor: RoundDescriptor;
  readonly roundHash: string;
  readonly until: number;
  readonly train: () => Promise<LocalUpdate>;
  readonly signal: AbortSignal;
}): Promise<SecureWork> {
  const { context, connection, coordinatorKey, population, descriptor, until, train, signal } = options;
  const { storage, agreement, emit, now, elapsed, random, setState } = context;
  await checkIdentityLog(storage, connection, population, descriptor);
  throwIfAborted(signal);
  await enterRoster(storage, agreement.secure, descriptor, now());
  throwIfAborted(signal);
  const round = secureRoundOf(descriptor, options.roundHash, coordinatorKey, population);
  // Devices exchange keys while this one trains. Nothing of it leaves before it is masked.
  let update = train();
  const secure = createSecureWork({
    context,
    descriptor,
    round,
    async values() {
      // A download that was cut is taken up again.
      update = update.catch((error) => {
        if (typed(error).code !== 'connection') throw error;
        return train();
      });
      return encodeForSum(await update, descriptor, round.roundHash, random);
    },
    until,
    milliseconds: until - elapsed() + unmaskingMilliseconds(descriptor),
    show(name, cohort) {
      emit('round', { round: descriptor.round, phase: name, ...(cohort === undefined ? {} : { secure: cohort }) });
      if (name === 'uploading') setState('uploading');
      if (name === 'uploaded') setState('waiting');
    },
  });
  update.catch((error) => secure.fail(error));
  return secure;
}
