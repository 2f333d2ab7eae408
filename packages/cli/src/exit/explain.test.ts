import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { EngineError, RegistryError, StoreError } from '@tributary/coordinator';
import { DataError } from '@tributary/model/data';
import { RefusalError } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';
import { explainError, explanationLines } from './explain.ts';

describe('explainError', () => {
  it('takes a command’s own error at its word', () => {
    const error = new CommandError('input', 'plan.yaml is not a task document: 1 problem.', {
      problems: [{ path: 'rounds', line: 9, message: 'expected at least 1' }],
      advice: 'Correct it.',
    });
    const found = explainError(error);
    expect(found.exitCode).toBe(3);
    expect(explanationLines(found)).toEqual([
      'error: plan.yaml is not a task document: 1 problem.',
      '  line 9, rounds: expected at least 1',
      'Correct it.',
    ]);
  });

  it('knows the typed errors of the packages', () => {
    const data = new DataError({
      file: 'u.data',
      line: 4,
      problem: 'a bad row',
      expected: 'four fields',
      remedy: 'Repair it',
    });
    expect(explainError(data)).toMatchObject({ reason: 'input', kind: 'DataError' });
    expect(explainError(new RefusalError('unknown-task', 'There is no such task.'))).toMatchObject({
      reason: 'network',
    });
  });

  it('tells what a store holds from what was asked of it', () => {
    expect(explainError(new RegistryError('unknown-version', 'There is none.'))).toMatchObject({ reason: 'input' });
    expect(explainError(new StoreError('conflict', 'There is one already.'))).toMatchObject({ reason: 'input' });
    expect(explainError(new StoreError('full', 'The disk is full.'))).toMatchObject({ reason: 'store' });
    for (const code of ['forged', 'damaged'] as const) {
      expect(explainError(new RegistryError(code, 'Not to be trusted.'))).toMatchObject({
        reason: 'store',
        exitCode: 4,
      });
    }
  });

  it('tells an engine that is not there from one that is used after its end', () => {
    const missing = explainError(new EngineError('missing', 'No GPU was found. Install a driver.'));
    expect(missing).toMatchObject({ reason: 'input', exitCode: 3, message: 'No GPU was found. Install a driver.' });
    expect(explainError(new EngineError('closed', 'The sum was closed.'))).toMatchObject({ reason: 'unexpected' });
  });

  it('knows a port in use and a missing file from the system itself', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => first.once('listening', resolve));
    const { port } = first.address() as { port: number };
    const taken = await new Promise((resolve) => createServer().once('error', resolve).listen(port, '127.0.0.1'));
    first.close();
    expect(explainError(taken).exitCode).toBe(exitCodes.network.code);
    let missing: unknown;
    try {
      readFileSync('no/such/file');
    } catch (error) {
      missing = error;
    }
    expect(explainError(missing).exitCode).toBe(exitCodes.input.code);
  });

  it('calls everything else unexpected, without a stack', () => {
    for (const thrown of [new TypeError('x is not a function'), 'text', null, undefined, { code: 7 }]) {
      const found = explainError(thrown);
      expect(found.exitCode).toBe(1);
      expect(explanationLines(found).join('\n')).not.toMatch(/^\s+at /m);
    }
  });
});

describe('exitCodes', () => {
  it('stand in docs/exit-codes.md, every one with its meaning', () => {
    const document = readFileSync(new URL('../../../../docs/exit-codes.md', import.meta.url), 'utf8');
    for (const { code, meaning } of Object.values(exitCodes)) expect(document).toContain(`| ${code} | ${meaning} |`);
  });
});
