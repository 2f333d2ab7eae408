/** The aggregation of a task's rounds, by its plan. */
import type { RoundDescriptor } from '@tributary/protocol';
import type { Aggregations } from './aggregation.ts';
import { createSealedAggregations } from './sealed-aggregation.ts';
import { createSecureAggregations } from './secure/secure-aggregation.ts';
import type { TaskSettings, TaskState } from './task.ts';

/** @throws SecurePlanError when the task's plan cannot be carried out */
export function createAggregations(
  settings: TaskSettings,
  { record }: Pick<TaskState, 'record'>,
  sections: RoundDescriptor['sections'],
): Aggregations {
  const { places, uploadIdleMilliseconds: idleMilliseconds, random, identity, identityLog, engines } = settings;
  const { document } = record;
  return document.privacy.plan === 'secure'
    ? createSecureAggregations({ document, sections, identity, identityLog, engines, places, idleMilliseconds })
    : createSealedAggregations({ sections, random, engines, places, idleMilliseconds });
}
