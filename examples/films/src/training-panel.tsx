/** What this device does in rounds: which phase, masked with whom, and how much was sent. */
import { type TrainingResult, useTraining } from '@tributary/client/react';
import { useEffect, useState } from 'react';

type Round = NonNullable<TrainingResult['lastRound']>;
type Phase = Round['phase'];

/** The steps of a round under secure aggregation, in their order; fetching and training happen in between as they may. */
const steps: readonly { readonly name: string; readonly phases: readonly Phase[]; readonly what: string }[] = [
  { name: 'Invited', phases: ['invited', 'downloading'], what: 'The coordinator asks the devices that are there.' },
  { name: 'Keys', phases: ['keying'], what: 'Fresh keys, for this round alone.' },
  { name: 'Shares', phases: ['sharing'], what: 'Shares of the secrets go to other devices, encrypted.' },
  { name: 'Training', phases: ['training'], what: 'The model learns from your likes, here.' },
  { name: 'Masks', phases: ['masking'], what: 'Masks are added: what is sent looks like noise.' },
  { name: 'Sent', phases: ['uploading', 'uploaded'], what: 'One masked vector, as long as everybody’s.' },
  { name: 'Sum', phases: ['unmasking', 'revealed'], what: 'Masks cancel in the sum over all devices.' },
  { name: 'New model', phases: ['closed'], what: 'The sum has become the next model.' },
];

export function TrainingPanel() {
  const { state, lastRound, roundsTakenPartIn, bytesSent, bytesReceived, version, error } = useTraining();
  const secure = useLatest(lastRound?.secure);
  const step = useReached(lastRound);
  return (
    <section className="training" aria-labelledby="training">
      <h2 id="training">Training</h2>
      <p className="state" data-state={state}>
        {stateText[state]}
      </p>
      {lastRound === null ? null : (
        <>
          <p className="round">
            Round <strong data-testid="round">{lastRound.round}</strong>
          </p>
          <ol className="steps">
            {steps.map(({ name, what }, place) => (
              <li
                key={name}
                className={place < step ? 'done' : place === step ? 'now' : ''}
                {...(place === step ? { 'aria-current': 'step' } : {})}
              >
                <strong>{name}</strong> <span>{what}</span>
              </li>
            ))}
          </ol>
          {lastRound.reason === undefined ? null : <p className="hint">{`${lastRound.phase}: ${lastRound.reason}`}</p>}
        </>
      )}
      <dl className="figures">
        <Figure name="Rounds with you" value={String(roundsTakenPartIn)} id="rounds" />
        <Figure name="Sent, all masked" value={kilobytes(bytesSent)} id="sent" />
        <Figure name="Fetched" value={kilobytes(bytesReceived)} id="fetched" />
        {version === null ? null : <Figure name="Model of round" value={String(version.round)} id="version" />}
        {secure === undefined ? null : (
          <>
            <Figure name="Devices in the sum" value={String(secure.cohort)} id="cohort" />
            <Figure name="Masked with" value={`${secure.neighbours} devices`} id="neighbours" />
            <Figure name="Needed to open a secret" value={String(secure.threshold)} id="threshold" />
          </>
        )}
      </dl>
      {state === 'failed' && error !== null ? <p className="problem">{error.message}</p> : null}
      <p className="hint">
        No noise is added in this example: two dozen people are too few to hide in it. An app with many adds it, and
        this panel would show the budget.
      </p>
    </section>
  );
}

function Figure({ name, value, id }: { readonly name: string; readonly value: string; readonly id: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={id}>{value}</dd>
    </div>
  );
}

const stateText: Readonly<Record<TrainingResult['state'], string>> = {
  idle: 'Not started.',
  'consent-pending': 'Waits for your consent. Nothing is sent.',
  'consent-denied': 'You take no part. Nothing is sent.',
  paused: 'Paused by you. Nothing is sent.',
  deferred: 'Waits for a better moment: network, battery or space.',
  standby: 'Another tab of this app takes part.',
  connecting: 'Connecting …',
  waiting: 'Ready for the next round.',
  training: 'Training on this device.',
  uploading: 'Sending a masked vector.',
  offline: 'Offline. Recommendations go on.',
  ended: 'The task has ended. Recommendations go on.',
  failed: 'Stopped by a problem.',
  stopped: 'Stopped.',
};

/** The furthest step of the round; -1 where the round went on without this device. Training and fetching set nothing back. */
function useReached(round: Round | null): number {
  const [reached, setReached] = useState({ round: -1, step: -1 });
  useEffect(() => {
    if (round === null) return;
    const step = steps.findIndex(({ phases }) => phases.includes(round.phase));
    setReached((before) => ({
      round: round.round,
      step: before.round === round.round && step >= 0 ? Math.max(before.step, step) : step,
    }));
  }, [round]);
  return reached.step;
}

/** The last value that was there. */
function useLatest<Value>(value: Value | undefined): Value | undefined {
  const [latest, setLatest] = useState(value);
  useEffect(() => {
    if (value !== undefined) setLatest(value);
  }, [value]);
  return latest;
}

function kilobytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}
