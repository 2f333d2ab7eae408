/** Who takes part in a simulated round: the coordinator's round machine, driven by the events of people who come and go. */
import {
  limitsOf,
  openRound,
  type RoundEffect,
  type RoundEvent,
  type RoundState,
  type Transition,
  transition,
} from '@tributary/coordinator/round';
import type { SeededRandom } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';

export interface Attendance {
  readonly invited: number;
  /** Invited devices that vanished before their upload. */
  readonly dropped: number;
  /** Users whose contributions reach the sum, in rising order; empty when the round is abandoned. */
  readonly contributors: Uint32Array;
  /** Still `releasing` when there is something to release, else `abandoned`. */
  readonly state: Pick<RoundState, 'phase' | 'reason'>;
}

/** When a device of a secure round vanishes: before it sends that. */
export type LostBefore = 'keys' | 'neighbours' | 'shares' | 'upload' | 'acknowledge' | 'reveal';
/** In the order of a round. In the full graph nobody sends neighbours: who is lost before them is lost before its shares. */
export const lossPhases: readonly LostBefore[] = ['keys', 'neighbours', 'shares', 'upload', 'acknowledge', 'reveal'];

export interface SecureAttendance extends Attendance {
  /** In rising order. */
  readonly users: Uint32Array;
  readonly lostBefore: ReadonlyMap<number, LostBefore>;
  /** Devices that send their keys. */
  readonly roster: number;
}

/**
 * Opens a round, invites a uniform draw of the available, lets each invited device vanish with probability `dropoutRate`, and
 * the others upload in a random order until the machine stops collecting.
 *
 * @param available users who are there when the round opens
 */
export function attendRound(
  round: number,
  task: Pick<TaskDocument, 'cohort' | 'privacy'>,
  available: Uint32Array,
  dropoutRate: number,
  random: SeededRandom,
): Attendance {
  let opened = openRound(round, limitsOf(task), Array.from(available, String));
  // Nobody else will come: where the invitations exceed the people, the selection deadline decides.
  if (!selectionOf(opened)) opened = transition(opened.state, { kind: 'deadline', phase: 'selecting' });
  const selection = selectionOf(opened);
  if (!selection) return { invited: 0, dropped: 0, contributors: new Uint32Array(0), state: opened.state };

  const invited = drawUsers(available, selection.count, random);
  let { state } = transition(opened.state, { kind: 'selected', devices: Array.from(invited, String) });
  const contributors: number[] = [];
  const step = (event: RoundEvent): void => {
    state = transition(state, event).state;
  };

  const vanishes = Array.from(invited, () => random.next() < dropoutRate);
  for (const [index, user] of invited.entries()) {
    if (vanishes[index]) step({ kind: 'device-lost', device: String(user) });
  }
  // The draw is in random order, so those who are first in it are the first to finish.
  for (const [index, user] of invited.entries()) {
    if (state.phase !== 'collecting') break;
    if (vanishes[index]) continue;
    step({ kind: 'contribution-added', device: String(user) });
    contributors.push(user);
  }
  if (state.phase === 'collecting') step({ kind: 'deadline', phase: 'collecting' });
  return {
    invited: invited.length,
    dropped: vanishes.filter(Boolean).length,
    contributors: state.phase === 'releasing' ? Uint32Array.from(contributors).sort() : new Uint32Array(0),
    state,
  };
}

/**
 * As `attendRound`, for a secure round: a device that vanishes does so in a phase drawn at random; after its upload it is in the
 * sum, and only missed when shares are revealed.
 */
export function attendSecureRound(
  round: number,
  task: Pick<TaskDocument, 'cohort' | 'privacy'>,
  available: Uint32Array,
  dropoutRate: number,
  random: SeededRandom,
): SecureAttendance {
  let opened = openRound(round, limitsOf(task), Array.from(available, String));
  if (!selectionOf(opened)) opened = transition(opened.state, { kind: 'deadline', phase: 'selecting' });
  const selection = selectionOf(opened);
  const nobody = { contributors: new Uint32Array(0), users: new Uint32Array(0), lostBefore: new Map(), roster: 0 };
  if (!selection) return { invited: 0, dropped: 0, state: opened.state, ...nobody };
  const users = drawUsers(available, selection.count, random).slice().sort();
  const lostBefore = new Map<number, LostBefore>();
  for (const user of users) {
    const [vanishes, phase] = [random.next() < dropoutRate, random.below(lossPhases.length)];
    if (vanishes) lostBefore.set(user, lossPhases[phase]);
  }
  const contributors = users.filter((user) => {
    const lost = lostBefore.get(user);
    return lost === undefined || lost === 'acknowledge' || lost === 'reveal';
  });
  const enough = contributors.length >= task.cohort.minimum;
  const reason = enough
    ? null
    : `${contributors.length} contributions had arrived when the deadline passed; at least ${task.cohort.minimum} are needed`;
  return {
    invited: users.length,
    dropped: lostBefore.size,
    contributors: enough ? contributors : new Uint32Array(0),
    users,
    lostBefore,
    roster: users.filter((user) => lostBefore.get(user) !== 'keys').length,
    state: { phase: enough ? 'releasing' : 'abandoned', reason },
  };
}

/**
 * The whole cohort at once, as a claim of sampling has it: each person by a coin of probability `rate`, however many that are, or a
 * uniform draw of a fixed number of all. Nobody is invited in reserve, and nobody is lost.
 */
export function attendBySampling(
  sampling: Exclude<NonNullable<TaskDocument['privacy']['noise']>['sampling'], { readonly claim: 'none' }>,
  task: Pick<TaskDocument, 'cohort' | 'privacy'>,
  available: Uint32Array,
  random: SeededRandom,
): SecureAttendance {
  const users =
    sampling.claim === 'poisson'
      ? available.filter(() => random.next() < sampling.rate)
      : drawUsers(available, task.cohort.target, random).slice().sort();
  const [least, most] = sampling.claim === 'poisson' ? poissonSizes(task) : [task.cohort.minimum, available.length];
  const fits = users.length >= least && users.length <= most;
  const reason = fits ? null : `${users.length} people were drawn; a round has ${least} to ${most}`;
  return {
    invited: users.length,
    dropped: 0,
    contributors: fits ? users : new Uint32Array(0),
    users,
    lostBefore: new Map(),
    roster: users.length,
    state: { phase: fits ? 'releasing' : 'abandoned', reason },
  };
}

/** Fewest and most people of a draw by coins that a round takes: any number but where a roster is needed. */
export function poissonSizes(task: Pick<TaskDocument, 'cohort' | 'privacy'>): readonly [number, number] {
  if (task.privacy.plan !== 'secure') return [0, Number.POSITIVE_INFINITY];
  return [task.cohort.minimum, limitsOf(task).invitations];
}

function selectionOf({ effects }: Transition): (RoundEffect & { readonly kind: 'select' }) | undefined {
  return effects.find((effect) => effect.kind === 'select');
}

/** `count` of the users, every subset equally likely, in random order (the first steps of a Fisher-Yates shuffle). */
function drawUsers(users: Uint32Array, count: number, random: SeededRandom): Uint32Array {
  const pool = users.slice();
  for (let i = 0; i < count; i++) {
    const other = i + random.below(pool.length - i);
    const user = pool[i];
    pool[i] = pool[other];
    pool[other] = user;
  }
  return pool.subarray(0, count);
}
