/** Every text of the panel, so that an app can translate all of it or say some of it in its own words. */
import type { Obstacle } from '../../conditions/conditions.ts';
import type { ConsentStatus } from '../../conditions/consent.ts';
import type { RoundPhase, TributaryState } from '../../sdk/events.ts';

export interface ConfirmedLabels {
  /** Of the button that asks. */
  readonly ask: string;
  readonly question: string;
  /** What will be gone, and what will not. */
  readonly consequence: string;
  /** Of the button that does it. */
  readonly confirm: string;
  readonly cancel: string;
  /** Said once it is done. */
  readonly done: string;
}

export interface DataPanelLabels {
  readonly title: string;
  readonly loading: string;
  /** Said when something did not work; with the SDK's own message. */
  readonly failed: (reason: string) => string;
  /** Said instead of all else when the instance was stopped or wiped. */
  readonly stopped: string;

  readonly participation: string;
  /** What the person agrees to. Say it in the words of your own privacy page. */
  readonly meaning: string;
  readonly decision: string;
  readonly decisions: Readonly<Record<ConsentStatus, string>>;
  readonly consentVersion: string;
  readonly state: string;
  readonly states: Readonly<Record<TributaryState, string>>;
  /** Said while the state is 'deferred'. */
  readonly obstacles: Readonly<Record<Obstacle, string>>;
  readonly grant: string;
  /** In place of `revoke` for somebody who has not decided. */
  readonly decline: string;
  /** In place of `grant` for somebody who has stopped. */
  readonly resume: string;
  readonly revoke: string;
  readonly pause: string;
  /** In place of `pause` while it is paused. */
  readonly unpause: string;
  readonly granted: string;
  readonly revoked: string;
  readonly paused: string;
  readonly unpaused: string;

  readonly kept: string;
  readonly keptMeaning: string;
  readonly events: string;
  readonly modelVersion: string;
  readonly modelOf: (round: number, shortHash: string) => string;
  readonly noModel: string;
  readonly save: string;
  readonly saved: (file: string) => string;

  readonly sent: string;
  readonly sentMeaning: string;
  readonly rounds: string;
  readonly lastRound: string;
  readonly lastRoundOf: (round: number, phase: string) => string;
  readonly noRound: string;
  readonly phases: Readonly<Record<RoundPhase, string>>;
  readonly protection: string;
  readonly plans: Readonly<Record<'secure' | 'sealed', string>>;
  readonly bytesSent: string;
  readonly bytesReceived: string;
  readonly spent: string;
  readonly spentOf: (epsilon: string, delta: string) => string;
  readonly spentUnknown: string;

  readonly removal: string;
  readonly erase: ConfirmedLabels;
  readonly wipe: ConfirmedLabels;

  readonly count: (count: number) => string;
  /** @param bytes a whole number from 0 */
  readonly bytes: (bytes: number) => string;
}

export const englishLabels: DataPanelLabels = {
  title: 'Your data, your model',
  loading: 'Loading what this device keeps.',
  failed: (reason) => `That did not work. ${reason}`,
  stopped: 'Recommendations on this device were stopped. Reload the page to start again.',

  participation: 'Taking part',
  meaning:
    'If you take part, this device learns from what you do here, and helps to improve a model that many devices share. ' +
    'It sends what the model learned, never the list of what you did. You can stop, and take part again, whenever you like; ' +
    'the model that is on this device by then goes on recommending. What was already added to the shared model stays in it.',
  decision: 'Your decision',
  decisions: {
    pending: 'Not decided yet: nothing is sent',
    granted: 'You take part',
    denied: 'You do not take part: nothing is sent',
  },
  consentVersion: 'Version of these terms',
  state: 'Right now',
  states: {
    idle: 'Not started',
    'consent-pending': 'Waits for your decision',
    'consent-denied': 'Not taking part',
    paused: 'Paused by you: nothing is sent',
    deferred: 'Waits for a better moment',
    standby: 'Another tab takes part',
    connecting: 'Connecting',
    waiting: 'Connected, waiting for a round',
    training: 'Learning on this device',
    uploading: 'Sending what was learned',
    offline: 'Offline, will try again',
    ended: 'Learning has ended; recommendations go on',
    failed: 'Cannot take part; recommendations go on',
    stopped: 'Stopped',
  },
  obstacles: {
    offline: 'This device is offline.',
    'metered-network': 'This network may cost money, or you asked to save data.',
    battery: 'The battery is low.',
    hidden: 'This page is not in front.',
    memory: 'This device has little memory.',
    quota: 'This device has little space left.',
  },
  grant: 'Take part',
  decline: 'Do not take part',
  resume: 'Take part again',
  revoke: 'Stop taking part',
  pause: 'Pause',
  unpause: 'Go on',
  granted: 'You take part now.',
  revoked: 'You do not take part. Nothing is sent.',
  paused: 'Paused. Nothing is sent until you go on.',
  unpaused: 'You take part again.',

  kept: 'Kept on this device',
  keptMeaning: 'What you did here is kept on this device and is never sent.',
  events: 'Things you did',
  modelVersion: 'Model',
  modelOf: (round, shortHash) => `After round ${round} (${shortHash})`,
  noModel: 'None yet',
  save: 'Save a copy',
  saved: (file) => `A copy was saved as ${file}.`,

  sent: 'Sent and received',
  sentMeaning: 'Sizes are counted since this page was opened.',
  rounds: 'Rounds you took part in',
  lastRound: 'Last round',
  lastRoundOf: (round, phase) => `Round ${round}: ${phase}`,
  noRound: 'None since this page was opened',
  phases: {
    invited: 'invited',
    downloading: 'fetching the model',
    keying: 'exchanging keys',
    sharing: 'exchanging keys',
    training: 'learning on this device',
    masking: 'hiding what was learned among others',
    uploading: 'sending',
    uploaded: 'sent',
    unmasking: 'being added up',
    revealed: 'added up',
    declined: 'not joined',
    missed: 'missed',
    closed: 'completed',
    abandoned: 'given up',
  },
  protection: 'Who can read what you send',
  plans: {
    secure: 'Nobody: only the sum over many devices can be read',
    sealed: 'The operator of the service could read it',
  },
  bytesSent: 'Sent',
  bytesReceived: 'Received',
  spent: 'Privacy spent',
  spentOf: (epsilon, delta) => `Epsilon ${epsilon} at delta ${delta}`,
  spentUnknown: 'This device cannot know',

  removal: 'Erase',
  erase: {
    ask: 'Erase what I did',
    question: 'Erase what you did here?',
    consequence:
      'The list of what you did and what this device learned of you are erased. The model and your decision stay. ' +
      'What was already added to the shared model stays in it.',
    confirm: 'Erase it',
    cancel: 'Keep it',
    done: 'What you did was erased from this device.',
  },
  wipe: {
    ask: 'Leave and remove everything',
    question: 'Leave, and remove everything from this device?',
    consequence:
      'All that this device keeps is removed: what you did, the model, its keys and your decision. Recommendations stop until ' +
      'you reload the page. What was already added to the shared model stays in it.',
    confirm: 'Remove everything',
    cancel: 'Keep everything',
    done: 'Everything was removed from this device.',
  },

  count: (count) => new Intl.NumberFormat('en').format(count),
  bytes: (bytes) => bytesText(bytes, 'en'),
};

/** Bytes as people read them, e.g. '1.4 MB'; units of 1000. For labels in other languages. */
export function bytesText(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** power);
}
