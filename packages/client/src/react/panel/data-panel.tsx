import { useId, useMemo, useRef } from 'react';
import { TributaryError } from '../../errors/tributary-error.ts';
import type { Tributary } from '../../sdk/tributary.ts';
import { useProvided } from '../context.ts';
import { useDeviceSummary, useTraining } from '../device-hooks.ts';
import { ConfirmedAction } from './confirmed-action.tsx';
import { Kept, Sent } from './holdings.tsx';
import { type DataPanelLabels, englishLabels } from './labels.ts';
import { Participation } from './participation.tsx';
import { saveFile } from './save-file.ts';
import { type HeadingLevel, Section } from './section.tsx';
import { useAction } from './use-action.ts';

export interface DataPanelProps {
  /** In place of the English ones, all or some. */
  readonly labels?: Partial<DataPanelLabels>;
  /** Of the panel's title, to fit the page around it; 2 by default. */
  readonly headingLevel?: HeadingLevel;
  /** Besides 'tributary-panel', on the outermost element. */
  readonly className?: string;
  /** Of the copy that a person saves; 'my-data.json' by default. */
  readonly fileName?: string;
}

/**
 * Where a person sees what her device keeps and sends, decides whether it takes part, and saves or erases all of it. Styled by
 * '@tributary/client/react/panel.css', themed by the custom properties named there.
 */
export function DataPanel({ labels: given, headingLevel = 2, className, fileName = 'my-data.json' }: DataPanelProps) {
  const labels = useMemo<DataPanelLabels>(() => ({ ...englishLabels, ...given }), [given]);
  const { ready } = useProvided('<DataPanel>');
  const { summary, error } = useDeviceSummary();
  const { state } = useTraining();
  const action = useAction(labels.failed);
  const { busy, outcome, run } = action;
  const title = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  const Title = `h${headingLevel}` as const;

  const save = () =>
    run(async () => {
      saveFile(fileName, JSON.stringify(await (await ready()).exportData(), null, 2));
      return labels.saved(fileName);
    });
  const after = (work: (client: Tributary) => Promise<void>, done: string) => () =>
    run(async () => {
      await work(await ready());
      return done;
    });
  const wipe = after(async (client) => {
    // The button that was pressed goes with all the others.
    title.current?.focus();
    await client.wipe();
  }, labels.wipe.done);

  const stopped = state === 'stopped' || (error instanceof TributaryError && error.code === 'stopped');
  return (
    <section
      className={className === undefined ? 'tributary-panel' : `tributary-panel ${className}`}
      aria-labelledby={titleId}
    >
      <Title id={titleId} ref={title} tabIndex={-1} className="tributary-panel__title">
        {labels.title}
      </Title>
      {stopped ? (
        <p>{labels.stopped}</p>
      ) : error !== null ? (
        <p>{labels.failed(error.message)}</p>
      ) : summary === undefined ? (
        <p>{labels.loading}</p>
      ) : (
        <>
          <Participation labels={labels} below={headingLevel} action={action} />
          <Kept labels={labels} below={headingLevel} summary={summary} action={action} save={save} />
          <Sent labels={labels} below={headingLevel} summary={summary} />
          <Section title={labels.removal} below={headingLevel}>
            <ConfirmedAction
              labels={labels.erase}
              busy={busy}
              act={after((client) => client.forget(), labels.erase.done)}
            />
            <ConfirmedAction labels={labels.wipe} busy={busy} act={wipe} />
          </Section>
        </>
      )}
      <p role="status" className="tributary-panel__outcome">
        {outcome?.kind === 'done' ? outcome.text : ''}
      </p>
      <p role="alert" className="tributary-panel__outcome tributary-panel__outcome--failed">
        {outcome?.kind === 'failed' ? outcome.text : ''}
      </p>
    </section>
  );
}
