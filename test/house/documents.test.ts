import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

describe('the documents', () => {
  it('link to files that exist', () => {
    const broken = documents.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1].split('#')[0]);
      return targets
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file} -> ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it('name files in code spans that exist', () => {
    const missing = documents
      .filter((file) => file.startsWith('docs/') || file === 'README.md' || file === 'CONTRIBUTING.md')
      .flatMap((file) => {
        const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
        const named = [...text.matchAll(/`((?:packages|test|docs|scripts|docker)\/[A-Za-z0-9_./-]+)`/g)].map(
          (match) => match[1],
        );
        return named.filter((name) => !existsSync(join(root, name))).map((name) => `${file} names ${name}`);
      });
    expect(missing).toEqual([]);
  });

  it('show the bridge of native apps as it is tested elsewhere', () => {
    const bridge = readFileSync(join(root, 'packages/client/examples/webview-bridge.ts'), 'utf8').trim();
    expect(readFileSync(join(root, 'docs/native-apps.md'), 'utf8')).toContain(bridge);
  });

  it('show the ten lines that are compiled and run elsewhere', () => {
    const lines = readFileSync(join(root, 'packages/client/examples/ten-lines.ts'), 'utf8').trim();
    for (const file of ['README.md', 'packages/client/README.md']) {
      expect(readFileSync(join(root, file), 'utf8'), file).toContain(lines);
    }
  });
});
