import { describe, expect, it } from 'vitest';
import { abortReason, throwIfAborted } from './aborted.ts';

const firstEdition = (aborted: boolean) => ({ aborted }) as AbortSignal;

describe('a signal', () => {
  it('that has not fired, or is not there, lets work go on', () => {
    throwIfAborted(undefined);
    throwIfAborted(new AbortController().signal);
    throwIfAborted(firstEdition(false));
  });

  it('that has fired throws its reason', () => {
    const reason = new Error('enough');
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(reason);
    expect(abortReason(AbortSignal.abort(reason))).toBe(reason);
  });

  it('without reasons throws an error all the same', () => {
    expect(() => throwIfAborted(firstEdition(true))).toThrow('aborted');
  });
});
