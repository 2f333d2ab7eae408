import { expect, it } from 'vitest';
import { openCpuEngine } from '../aggregation/engines/cpu/cpu-engine.ts';
import { createRoundEngines } from '../aggregation/engines/round-engines.ts';
import type { TaskRecord } from '../store/store.ts';
import { createLog } from '../telemetry/log.ts';
import { tellIdleEngine } from './tell-idle-engine.ts';

it.each([
  ['webgpu', 'secure', []],
  ['webgpu', 'sealed', [{ task: 'films', plan: 'sealed', engine: 'webgpu' }]],
  ['tensorflow', 'sealed', []],
  ['tensorflow', 'secure', [{ task: 'films', plan: 'secure', engine: 'tensorflow' }]],
  ['cpu', 'secure', []],
  ['cpu', 'sealed', []],
] as const)('of %s and the plan %s the log says %j', async (name, plan, said) => {
  const engines = createRoundEngines({
    engine: name === 'cpu' ? null : { ...openCpuEngine({ threads: 0 }), name, device: 'a card' },
    threads: 0,
  });
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
  tellIdleEngine(log, engines, { id: 'films', document: { privacy: { plan } } } as TaskRecord);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject(said);
  expect(lines.length).toBe(said.length);
  await engines.close();
});
