import { RefusalError } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../store/store-error.ts';
import { createLog, type LogFields, type LogLevel, loggedFields } from './log.ts';

function linesOf(write: (log: ReturnType<typeof createLog>) => void, level: LogLevel = 'debug'): string[] {
  const lines: string[] = [];
  write(createLog({ level, destination: { write: (line: string) => void lines.push(line) } }));
  return lines;
}

const secret = 'SECRET-sku-4711';
const fieldNames = new Set<string>(loggedFields);

describe('the log', () => {
  it('writes listed fields', () => {
    const [line] = linesOf((log) => log.info('round closed', { task: 'books', round: 7, epsilon: 1.5, reason: '' }));
    const { level, time, ...rest } = JSON.parse(line);
    expect(rest).toEqual({ task: 'books', round: 7, epsilon: 1.5, reason: '', msg: 'round closed' });
  });

  it('drops every field that is not listed, and every value that is not plain', () => {
    const planted = fc.dictionary(
      fc.string().filter((name) => !fieldNames.has(name)),
      fc.constantFrom(secret, [secret], { items: [secret] }, new TextEncoder().encode(secret)),
    );
    const structured = fc.dictionary(
      fc.constantFrom(...loggedFields),
      fc.constantFrom([secret], { secret }, new Map([[secret, 1]])),
    );
    fc.assert(
      fc.property(planted, structured, (fields, values) => {
        const careless = {
          ...fields,
          ...values,
          device: secret,
          item: secret,
          toJSON: () => secret,
        } as unknown as LogFields;
        const lines = linesOf((log) => {
          log.debug('a', careless);
          log.info('b', careless);
          log.warn('c', careless);
          log.error('d', undefined, careless);
        });
        expect(lines).toHaveLength(4);
        expect(lines.join('')).not.toContain('SECRET');
      }),
    );
  });

  it('cuts long texts', () => {
    expect(linesOf((log) => log.info('a', { reason: 'x'.repeat(10_000) }))[0].length).toBeLessThan(700);
  });

  it('tells of foreign errors their class, code and place, and never their message, cause or fields', () => {
    const error = Object.assign(new TypeError(`${secret}\n    at ${secret}`, { cause: new Error(secret) }), {
      code: 'ECONNRESET',
      address: secret,
    });
    const [line] = linesOf((log) => log.error('failed', error));
    expect(line).not.toContain('SECRET');
    const { error: told } = JSON.parse(line);
    expect(told).toMatchObject({ type: 'TypeError', code: 'ECONNRESET' });
    expect(told.stack.some((place: string) => place.includes('log.test.ts'))).toBe(true);
    expect(linesOf((log) => log.error('failed', secret))[0]).not.toContain('SECRET');
    expect(linesOf((log) => log.error('failed', Object.assign(new Error(), { code: `${secret} ` })))[0]).not.toContain(
      'SECRET',
    );
  });

  it("tells the message of this project's own errors", () => {
    for (const error of [new StoreError('locked', 'is in use'), new RefusalError('busy', 'is in use')]) {
      const [line] = linesOf((log) => log.error('failed', error));
      expect(JSON.parse(line).error).toMatchObject({ code: error.code, message: 'is in use' });
    }
  });

  it('keeps to its level', () => {
    expect(linesOf((log) => log.info('a'), 'warn')).toEqual([]);
    expect(linesOf((log) => log.error('a'), 'silent')).toEqual([]);
  });
});
