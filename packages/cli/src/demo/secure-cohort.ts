/** Who is masked with whom in a round of the demo, for people. */
import { graphForRange, graphOf } from '@tributary/privacy';
import { secureSettingsOf, type TaskDocument } from '@tributary/protocol';

export interface SecureCohort {
  /** Devices of a round. */
  readonly cohort: number;
  /** Devices with which each of them shares a mask, at least. */
  readonly neighbours: number;
  /** How many of those must answer before a secret of the device can be opened. */
  readonly threshold: number;
}

/** Null under the plan `sealed`. */
export function secureCohortOf({ privacy, cohort }: TaskDocument): SecureCohort | null {
  if (privacy.plan !== 'secure') return null;
  const { corrupt, dropout } = secureSettingsOf(privacy);
  const plan = graphForRange(cohort.minimum, cohort.target, { corrupt, dropout });
  if (plan.graph === 'own-choice') {
    return { cohort: cohort.target, neighbours: plan.degree, threshold: plan.threshold };
  }
  const tenThousandths = (fraction: number) => Math.round(10_000 * fraction);
  const full = { degree: 0, threshold: 0, corrupt: tenThousandths(corrupt), dropout: tenThousandths(dropout) };
  const { degree, threshold } = graphOf(full, cohort.target);
  return { cohort: cohort.target, neighbours: degree, threshold };
}

/** The plan in a line. */
export function privacyPlanText(task: TaskDocument): string {
  const secure = secureCohortOf(task);
  if (!secure) {
    return 'plan `sealed`: the coordinator’s process could see single contributions; weaker than secure aggregation';
  }
  const { cohort, neighbours, threshold } = secure;
  return (
    `plan secure (SecAgg+): ${cohort} devices a round, each masked with ${neighbours} others, ${threshold} of which must ` +
    'answer to open a secret; the coordinator sees sums alone'
  );
}
