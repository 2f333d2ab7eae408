import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The lines that a run of these test files prints. */
function linesOf(files: Readonly<Record<string, string>>): string[] {
  folder = mkdtempSync(join(root, 'node_modules/.summary-'));
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { SummaryReporter } from ${JSON.stringify(join(root, 'scripts/summary-reporter.ts'))};
    export default { test: { include: ['*.test.ts'], retry: 1, reporters: [new SummaryReporter()] } };`,
  );
  const run = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    encoding: 'utf8',
  });
  return run.stdout.trimEnd().split('\n');
}

it('counts as skipped what is skipped within what is skipped, and as failed what a process that died had not run', () => {
  const vitest = `import { describe, it } from 'vitest';\n`;
  expect(
    linesOf({
      'skipped.test.ts': `${vitest} it('passes', () => {}); describe.skip('a', () => { it('b', () => {}); describe.skip('c', () => { it('d', () => {}); it('e', () => {}); }); });`,
      'dies.test.ts': `${vitest} it('first', () => {}); it('dies', () => process.kill(process.pid, 'SIGKILL')); it('never runs', () => {});`,
    }).at(-1),
  ).toMatch(/^[12] passed, [34] failed, 3 skipped$/);
});

it('counts as failed a test, a suite whose set-up fails, a file that does not load, and an error that nobody caught', () => {
  const vitest = `import { beforeAll, describe, expect, it } from 'vitest';\n`;
  expect(
    linesOf({
      'good.test.ts': `${vitest} it('passes', () => {}); it.skip('waits', () => {});`,
      'test.test.ts': `${vitest} it('fails', () => expect(1).toBe(2));`,
      'suite.test.ts': `${vitest} describe('inner', () => { beforeAll(() => { throw new Error('no'); }); it('never runs', () => {}); });`,
      'file.test.ts': `throw new Error('does not load');`,
      'loose.test.ts': `${vitest} it('lets go', () => { setTimeout(() => { throw new Error('late'); }, 0); return new Promise((done) => setTimeout(done, 50)); });`,
    }).at(-1),
  ).toBe('2 passed, 4 failed, 2 skipped');
});

it('names what was skipped, what passed on a second try and, last, what failed, with its error', () => {
  const vitest = `import { expect, it } from 'vitest';\n`;
  expect(
    linesOf({
      'all.test.ts': `${vitest} it.skip('waits', () => {}); it('fails', () => { throw new Error('a\\nb'); });
        let tries = 0; it('recovers', () => expect(tries++).toBe(1)); it('throws', () => { throw undefined; });`,
    }).map((line) => line.replace(/(?<= at ).*$/, '…')),
  ).toEqual([
    '',
    'Skipped:',
    '  all.test.ts: waits',
    '',
    'Passed on a second try:',
    '  all.test.ts: recovers',
    '    expected +0 to be 1 // Object.is equality',
    '        at …',
    '',
    'Failed:',
    '  all.test.ts: fails',
    '    a',
    '    b',
    '        at …',
    '    a',
    '    b',
    '        at …',
    '  all.test.ts: throws',
    '    undefined',
    '    undefined',
    '',
    '1 passed, 2 failed, 1 skipped',
  ]);
});
