import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The last line that a run of these test files prints. */
function lastLine(files: Readonly<Record<string, string>>): string | undefined {
  folder = mkdtempSync(join(root, 'node_modules/.summary-'));
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { SummaryReporter } from ${JSON.stringify(join(root, 'scripts/summary-reporter.ts'))};
    export default { test: { include: ['*.test.ts'], reporters: [new SummaryReporter()] } };`,
  );
  const run = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    encoding: 'utf8',
  });
  return run.stdout.trimEnd().split('\n').at(-1);
}

it('counts as skipped what is skipped within what is skipped, and as failed what a process that died had not run', () => {
  const vitest = `import { describe, it } from 'vitest';\n`;
  expect(
    lastLine({
      'skipped.test.ts': `${vitest} it('passes', () => {}); describe.skip('a', () => { it('b', () => {}); describe.skip('c', () => { it('d', () => {}); it('e', () => {}); }); });`,
      'dies.test.ts': `${vitest} it('first', () => {}); it('dies', () => process.kill(process.pid, 'SIGKILL')); it('never runs', () => {});`,
    }),
  ).toMatch(/^[12] passed, [34] failed, 3 skipped$/);
});

it('counts as failed a test, a suite whose set-up fails, a file that does not load, and an error that nobody caught', () => {
  const vitest = `import { beforeAll, describe, expect, it } from 'vitest';\n`;
  expect(
    lastLine({
      'good.test.ts': `${vitest} it('passes', () => {}); it.skip('waits', () => {});`,
      'test.test.ts': `${vitest} it('fails', () => expect(1).toBe(2));`,
      'suite.test.ts': `${vitest} describe('inner', () => { beforeAll(() => { throw new Error('no'); }); it('never runs', () => {}); });`,
      'file.test.ts': `throw new Error('does not load');`,
      'loose.test.ts': `${vitest} it('lets go', () => { setTimeout(() => { throw new Error('late'); }, 0); return new Promise((done) => setTimeout(done, 50)); });`,
    }),
  ).toBe('2 passed, 4 failed, 2 skipped');
});
