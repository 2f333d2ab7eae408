import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describedStructures } from './described.cases.ts';
import { messages } from './messages.ts';
import { refusalCodes } from './refusal.ts';

const specification = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');

function rowsBetween(marker: string): string[][] {
  const section = new RegExp(`<!-- ${marker} -->([\\s\\S]*?)<!-- /${marker} -->`).exec(specification)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/protocol.md', () => {
  it('lists every message with its sender, phase and bounds', () => {
    const documented = rowsBetween('messages').map(([name, kind, sender, phase, bound, replyBound]) => [
      name,
      kind,
      sender,
      phase,
      bound,
      replyBound,
    ]);
    const actual = Object.entries(messages).map(([name, row]) => [
      `\`${name}\``,
      row.kind,
      row.sender,
      row.phase,
      String(row.bound),
      row.kind === 'request' ? String(row.replyBound) : '–',
    ]);
    expect(documented).toEqual(actual);
  });

  it('describes every field of every message, with its range', () => {
    const actual = describedStructures().flatMap(([name, fields]) =>
      fields.map(([path, type]) => [name, `\`${path}\``, type]),
    );
    expect(rowsBetween('fields')).toEqual(actual);
  });

  it('explains every refusal', () => {
    expect(rowsBetween('refusals').map(([code]) => code)).toEqual(refusalCodes.map((code) => `\`${code}\``));
  });
});
