import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClaimsToHold } from '../../packages/cli/src/audit/run-audit.ts';
import { CommandError } from '../../packages/cli/src/exit/command-error.ts';
import { explainError } from '../../packages/cli/src/exit/explain.ts';
import type { AttackResult } from '../../packages/simulator/src/index.ts';
import { commandLine, documentOf } from './command-in-process.ts';

interface AuditDocument {
  readonly findings: readonly {
    readonly view: string;
    readonly verdict: string;
    readonly claim: { readonly epsilon: number } | null;
    readonly audit: { readonly lowerBound: number };
  }[];
}

const small = ['audit', '--users', '40', '--rounds', '1', '--canaries', '60', '--attacks', 'audit', '--json'];

describe('tributary audit', () => {
  it('bounds epsilon of the demo without noise well above zero, and writes what it found', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-audit-'));
    try {
      const ended = await commandLine([...small, '--out', folder]);
      expect(ended.code, ended.error).toBe(0);
      const { findings } = documentOf(ended) as AuditDocument;
      expect(findings.map(({ view }) => view)).toEqual(['released models', 'opened sums']);
      for (const { verdict, audit } of findings) {
        expect(verdict).toBe('no-claim');
        expect(audit.lowerBound).toBeGreaterThan(2);
      }
      expect((await readdir(folder)).sort()).toEqual(['audit.csv', 'audit.json', 'audit.md', 'roc.svg']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('and with noise no higher than the claim', async () => {
    const ended = await commandLine([...small, '--noise', '4']);
    expect(ended.code, ended.error).toBe(0);
    for (const { verdict, claim, audit } of (documentOf(ended) as AuditDocument).findings) {
      expect(verdict).toBe('holds');
      expect(claim?.epsilon).toBeGreaterThan(3.9);
      expect(claim?.epsilon).toBeLessThanOrEqual(4);
      expect(audit.lowerBound).toBeLessThan(4);
    }
  });

  it('ends with 8 where a lower bound exceeds the claim, and says which', () => {
    const audit = { canaries: 100, guesses: 100, correct: 100, delta: 1e-5, confidence: 0.95, lowerBound: 3.1 };
    const of = (epsilon: number): AttackResult => ({
      findings: [{ attack: 'audit', view: 'opened sums', figures: [], claim: { epsilon, delta: 1e-5 }, audit }],
      ...{ curves: [], promotion: [] },
    });
    expect(() => expectClaimsToHold(of(3.2))).not.toThrow();
    let refused: unknown;
    try {
      expectClaimsToHold(of(3));
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(CommandError);
    expect(explainError(refused)).toMatchObject({
      exitCode: 8,
      message: expect.stringContaining('from the opened sums at least 3.10, claimed 3'),
    });
  });

  it('refuses attacks that it does not know, noise that is none, and a plan that cannot have it', async () => {
    expect((await commandLine(['audit', '--attacks', 'magic'])).error).toContain('Expected names of');
    expect((await commandLine(['audit', '--noise', '-1'])).code).toBe(2);
    expect((await commandLine(['audit', '--users', '20', '--plan', 'no-such-plan.yaml'])).code).toBe(3);
  });
});
