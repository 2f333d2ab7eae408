/** Ends a test run with what was skipped and why, and one plain line: `N passed, N failed, N skipped`. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      // A file that does not load has no tests, and must not pass for that.
      if (module.errors().length > 0) counts.failed += 1;
      // Nor may a suite whose set-up failed: its tests only read as skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'skipped' || isLeftOut(test)) {
          counts.skipped += 1;
          const note = 'note' in result && result.note ? ` (${result.note})` : '';
          skipped.push(`  ${module.relativeModuleId}: ${test.fullName}${note}`);
        }
        // What never ran among them: its process died.
        else counts.failed += 1;
      }
    }
    const lines = skipped.length > 0 ? ['', 'Skipped:', ...skipped] : [];
    console.log(
      [...lines, '', `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`].join('\n'),
    );
  }
}

/** A skipped suite within a skipped one: its tests are left as they were collected. */
function isLeftOut({ parent }: TestCase): boolean {
  return parent.type === 'suite' && parent.state() === 'skipped';
}
