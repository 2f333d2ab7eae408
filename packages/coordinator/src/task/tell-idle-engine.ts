import type { RoundEngines } from '../aggregation/engines/round-engines.ts';
import type { TaskRecord } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** Says in the log where the engine that was chosen has nothing to do for a task's plan. */
export function tellIdleEngine(log: Log, engines: RoundEngines, { id, document }: TaskRecord): void {
  const { plan } = document.privacy;
  if (!engines.leavesToHost(plan === 'secure' ? 'modular' : 'float')) return;
  const { name } = engines.chosen;
  log.info('the engine has no part in the rounds of this task: the host adds them', { task: id, plan, engine: name });
}
