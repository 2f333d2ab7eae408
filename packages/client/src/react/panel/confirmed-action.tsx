import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { ConfirmedLabels } from './labels.ts';

/**
 * A button that asks before it acts. The question takes its place and the focus, on the answer that changes nothing; Escape is
 * that answer. Afterwards the focus is back on the button.
 * @param act settles when it is done, or has been told to have failed; never rejects
 */
export function ConfirmedAction({
  labels,
  busy,
  act,
}: {
  readonly labels: ConfirmedLabels;
  readonly busy: boolean;
  readonly act: () => Promise<void>;
}) {
  const [asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  const questionId = useId();
  const consequenceId = useId();

  useEffect(() => {
    if (asking) cancel.current?.focus();
    else if (asked.current) button.current?.focus();
    asked.current = asking;
  }, [asking]);

  if (!asking) {
    return (
      <button
        ref={button}
        type="button"
        className="tributary-panel__button tributary-panel__button--danger"
        onClick={() => setAsking(true)}
      >
        {labels.ask}
      </button>
    );
  }

  const leave = () => {
    if (!busy) setAsking(false);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') leave();
  };
  const confirm = async () => {
    if (busy) return;
    await act();
    setAsking(false);
  };
  return (
    <div
      role="alertdialog"
      className="tributary-panel__question"
      aria-labelledby={questionId}
      aria-describedby={consequenceId}
      onKeyDown={onKeyDown}
    >
      <p id={questionId} className="tributary-panel__question-title">
        {labels.question}
      </p>
      <p id={consequenceId}>{labels.consequence}</p>
      <p className="tributary-panel__buttons">
        <button ref={cancel} type="button" className="tributary-panel__button" aria-disabled={busy} onClick={leave}>
          {labels.cancel}
        </button>
        <button
          type="button"
          className="tributary-panel__button tributary-panel__button--danger"
          aria-disabled={busy}
          onClick={confirm}
        >
          {labels.confirm}
        </button>
      </p>
    </div>
  );
}
