import { describe, expect, it } from 'vitest';
import { createOutput } from './output.ts';
import { startProgress } from './progress.ts';
import { plainText, sizeText, textTable } from './table.ts';

function streams() {
  const text = { out: '', error: '' };
  return {
    text,
    out: {
      write: (part: string) => {
        text.out += part;
      },
    },
    error: {
      write: (part: string) => {
        text.error += part;
      },
    },
  };
}

describe('createOutput', () => {
  it('keeps standard output to one JSON line when a program reads', () => {
    const to = streams();
    const output = createOutput(true, to);
    output.result('a table');
    output.note('a remark');
    output.data({ rounds: 3 });
    expect(to.text.out).toBe('{"rounds":3}\n');
    expect(to.text.error).toBe('a table\na remark\n');
  });

  it('writes results to standard output, and no JSON, when a person reads', () => {
    const to = streams();
    const output = createOutput(false, to);
    output.result('a table');
    output.data({ rounds: 3 });
    expect(to.text).toEqual({ out: 'a table\n', error: '' });
  });
});

describe('startProgress', () => {
  it('writes plain lines into a log: not each step, but the last one', () => {
    const to = streams();
    let time = 0;
    const progress = startProgress(to.error, 'round', 100, 5, () => time);
    for (let done = 1; done <= 100; done++) {
      time += 500;
      progress.update(done, 'training');
    }
    progress.stop();
    const lines = to.text.error.trimEnd().split('\n');
    expect(lines[0]).toBe('round 1/100 training');
    expect(lines.at(-1)).toBe('round 100/100 training');
    expect(lines).toHaveLength(11);
    expect(to.text.error).not.toContain('\u001b');
  });
});

describe('textTable', () => {
  it('aligns names to the left and figures to the right', () => {
    expect(
      textTable(
        ['model', 'hr'],
        [
          ['popularity', '0.1'],
          ['né', '10.25'],
        ],
      ),
    ).toBe(['model          hr', '----------  -----', 'popularity    0.1', 'né          10.25'].join('\n'));
  });
});

describe('plainText', () => {
  it('takes out what could steer a terminal, and shortens', () => {
    expect(plainText('a\u001b[31mred\u202eX\n')).toBe('a [31mred X ');
    expect(plainText('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

describe('sizeText', () => {
  it.each([
    [999, '999 B'],
    [1500, '1.5 kB'],
    [2_345_678, '2.3 MB'],
    [3e9, '3.00 GB'],
  ])('%d is %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
});
