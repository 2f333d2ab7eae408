import type { DeviceSummary } from '../../sdk/device-summary.ts';
import { useTraining } from '../device-hooks.ts';
import type { DataPanelLabels } from './labels.ts';
import { Facts, type HeadingLevel, Section } from './section.tsx';
import type { Action } from './use-action.ts';

interface Shown {
  readonly labels: DataPanelLabels;
  readonly below: HeadingLevel;
  readonly summary: DeviceSummary;
}

/** What this device keeps, to take along. */
export function Kept({
  labels,
  below,
  summary: { events, version },
  action: { busy },
  save,
}: Shown & { readonly action: Action; readonly save: () => void }) {
  const model = version === null ? labels.noModel : labels.modelOf(version.round, version.hash.slice(0, 8));
  return (
    <Section title={labels.kept} below={below}>
      <p>{labels.keptMeaning}</p>
      <Facts
        of={[
          [labels.events, labels.count(events)],
          [labels.modelVersion, model],
        ]}
      />
      <p className="tributary-panel__buttons">
        <button type="button" className="tributary-panel__button" aria-disabled={busy} onClick={save}>
          {labels.save}
        </button>
      </p>
    </Section>
  );
}

/** What went out and came in, and what it cost of the person's privacy. */
export function Sent({ labels, below, summary: { rounds, spent } }: Shown) {
  const { lastRound, plan, bytesSent, bytesReceived } = useTraining();
  return (
    <Section title={labels.sent} below={below}>
      <p>{labels.sentMeaning}</p>
      <Facts
        of={[
          [labels.rounds, labels.count(rounds)],
          [
            labels.lastRound,
            lastRound === null ? labels.noRound : labels.lastRoundOf(lastRound.round, labels.phases[lastRound.phase]),
          ],
          ...(plan === null || plan === undefined ? [] : [[labels.protection, labels.plans[plan]] as const]),
          [labels.bytesSent, labels.bytes(bytesSent)],
          [labels.bytesReceived, labels.bytes(bytesReceived)],
          [
            labels.spent,
            spent === null
              ? labels.spentUnknown
              : labels.spentOf(String(Number(spent.epsilon.toPrecision(3))), String(spent.delta)),
          ],
        ]}
      />
    </Section>
  );
}
