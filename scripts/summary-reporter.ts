/**
 * Ends a test run with what was skipped and why, what passed only on a second try, what failed, and one plain line:
 * `N passed, N failed, N skipped`. What failed comes last, with its errors: of a long log often only the end is kept.
 */
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/** An error's message is cut here: it may hold a whole page. */
const linesOfAnError = 12;

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    const skipped: string[] = [];
    const retried: string[] = [];
    const failed: string[] = [];
    for (const module of modules) {
      const file = module.relativeModuleId;
      // A file that does not load has no tests, and must not pass for that.
      if (module.errors().length > 0) failed.push(describeFailure(file, module.errors()));
      // Nor may a suite whose set-up failed: its tests only read as skipped.
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) failed.push(describeFailure(`${file}: ${suite.fullName}`, suite.errors()));
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        const name = `${file}: ${test.fullName}`;
        if (result.state === 'passed') {
          passed += 1;
          if (test.diagnostic()?.flaky) retried.push(describeFailure(name, result.errors ?? []));
        } else if (result.state === 'skipped' || isLeftOut(test)) {
          skipped.push('note' in result && result.note ? `${name} (${result.note})` : name);
        }
        // What never ran among them: its process died.
        else failed.push(describeFailure(name, result.errors ?? [{ message: 'did not run: its process ended' }]));
      }
    }
    for (const error of unhandledErrors) failed.push(describeFailure('an error that nobody caught', [error]));
    console.log(
      [
        ...section('Skipped:', skipped),
        ...section('Passed on a second try:', retried),
        ...section('Failed:', failed),
        '',
        `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
      ].join('\n'),
    );
  }
}

function section(title: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : ['', title, ...entries.map((entry) => `  ${entry}`)];
}

function describeFailure(name: string, errors: readonly { readonly message: string; readonly stack?: string }[]) {
  const lines = errors.flatMap(({ message, stack }) => [
    ...message.split('\n').slice(0, linesOfAnError),
    ...(stack?.match(/^\s*at .*$/m) ?? []),
  ]);
  return [name, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** A skipped suite within a skipped one: its tests are left as they were collected. */
function isLeftOut({ parent }: TestCase): boolean {
  return parent.type === 'suite' && parent.state() === 'skipped';
}
