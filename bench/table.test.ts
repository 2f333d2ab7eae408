import { describe, expect, it } from 'vitest';
import { formatRatio, markdownTable, replaceMeasured, textTable } from './table.ts';

const rows = [
  { name: 'short', ratio: 52.345, target: '>= 50x', ok: true, detail: '1 ms against 52 ms' },
  { name: 'a longer name', ratio: null, target: '<= 2x', ok: null, detail: 'python3 | numpy missing' },
];

describe('benchmark tables', () => {
  it('aligns columns and says what was not measured', () => {
    expect(textTable(rows).split('\n')).toEqual([
      'benchmark      ratio  target  met           detail',
      'short          52.3   >= 50x  yes           1 ms against 52 ms',
      'a longer name  –      <= 2x   not measured  python3 | numpy missing',
    ]);
  });

  it('keeps cells of a Markdown table apart', () => {
    expect(markdownTable(rows).split('\n')[3]).toBe(
      '| a longer name | – | <= 2x | not measured | python3 \\| numpy missing |',
    );
  });

  it('replaces what stands between the markers and nothing else, however often', () => {
    const document = 'before\n<!-- measured -->\nold\n<!-- /measured -->\nafter\n';
    const once = replaceMeasured(document, 'new $& content');
    expect(once).toBe('before\n<!-- measured -->\nnew $& content\n<!-- /measured -->\nafter\n');
    expect(replaceMeasured(once, 'new $& content')).toBe(once);
    expect(() => replaceMeasured('no markers', '')).toThrow(/measured/);
  });

  it('keeps sections with a name from each other and from the one without', () => {
    const section = (name: string, content: string) => `<!-- measured${name} -->\n${content}\n<!-- /measured -->\n`;
    const document = section(' secagg', 'a') + section(' secagg-cost', 'b') + section('', 'c');
    const replaced = replaceMeasured(replaceMeasured(document, 'new', 'secagg'), 'others');
    expect(replaced).toBe(section(' secagg', 'new') + section(' secagg-cost', 'b') + section('', 'others'));
    expect(() => replaceMeasured(document, 'new', 'rounds')).toThrow(/measured rounds/);
  });

  it('shows ratios by three digits', () => {
    expect([0.0123456, 1, 99.96, 1234.5].map(formatRatio)).toEqual(['0.0123', '1', '100', '1235']);
  });
});
