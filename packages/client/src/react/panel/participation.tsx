import { useRef } from 'react';
import type { TributaryState } from '../../sdk/events.ts';
import { useConsent, useTraining } from '../device-hooks.ts';
import type { DataPanelLabels } from './labels.ts';
import { Facts, type HeadingLevel, Section } from './section.tsx';
import type { Action } from './use-action.ts';

/** States in which there is nothing to pause. */
const over: readonly TributaryState[] = ['idle', 'ended', 'failed', 'stopped'];

/** Consent, pause, and what training does right now. */
export function Participation({
  labels,
  below,
  action: { busy, run },
}: {
  readonly labels: DataPanelLabels;
  readonly below: HeadingLevel;
  readonly action: Action;
}) {
  const { status, version, grant, revoke } = useConsent();
  const { state, obstacles, error, pause, resume } = useTraining();
  const takesPart = status === 'granted';
  const decision = useRef<HTMLButtonElement>(null);
  const agree = () =>
    run(async () => {
      await grant();
      return labels.granted;
    });
  const refuse = () =>
    run(async () => {
      await revoke();
      // The button that was pressed may be gone by now.
      decision.current?.focus();
      return labels.revoked;
    });
  const paused = state === 'paused';
  const changePause = () =>
    run(async () => {
      await (paused ? resume() : pause());
      return paused ? labels.unpaused : labels.paused;
    });
  return (
    <Section title={labels.participation} below={below}>
      <p>{labels.meaning}</p>
      <Facts
        of={[
          [labels.decision, labels.decisions[status]],
          [labels.consentVersion, version ?? ''],
        ]}
      />
      <p className="tributary-panel__state" aria-live="polite">
        {labels.state}: {labels.states[state]}
      </p>
      {state === 'deferred' && <p>{obstacles.map((obstacle) => labels.obstacles[obstacle]).join(' ')}</p>}
      {state === 'failed' && error !== null && <p>{error.message}</p>}
      <p className="tributary-panel__buttons">
        <button
          ref={decision}
          type="button"
          className="tributary-panel__button"
          aria-disabled={busy}
          onClick={takesPart ? refuse : agree}
        >
          {takesPart ? labels.revoke : status === 'denied' ? labels.resume : labels.grant}
        </button>
        {takesPart && !over.includes(state) && (
          <button type="button" className="tributary-panel__button" aria-disabled={busy} onClick={changePause}>
            {paused ? labels.unpause : labels.pause}
          </button>
        )}
        {status === 'pending' && (
          <button type="button" className="tributary-panel__button" aria-disabled={busy} onClick={refuse}>
            {labels.decline}
          </button>
        )}
      </p>
    </Section>
  );
}
