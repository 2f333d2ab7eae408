import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEncoderFolder } from '@tributary/model/encoder/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { model, namesIn, tinyCatalogue, tinyEncoderFiles, writeFiles } from './tiny-encoder.cases.ts';

const place = mkdtempSync(join(tmpdir(), 'quantise-'));
const full = join(place, 'full');
const catalogue = join(place, 'items.jsonl');
beforeAll(() => {
  writeFiles(full, tinyEncoderFiles());
  writeFileSync(catalogue, tinyCatalogue(60));
});
afterAll(() => rmSync(place, { recursive: true }));

describe('tributary model quantise', () => {
  it('writes a folder that opens again, smaller and nearly the same, and says how nearly', async () => {
    const out = join(place, 'int8');
    const { code, lines, data } = await model('quantise', '--model', full, '--out', out, '--measure', catalogue);
    expect({ code, lines }).toEqual({ code: 0, lines: 1 });
    const [before, after] = [await openEncoderFolder(full), await openEncoderFolder(out)];
    expect(after.configuration).toEqual(before.configuration);
    expect(after.licence).toBe('apache-2.0');
    expect(data).toMatchObject({ hash: after.hash, from: before.hash });
    expect(data.bytes.before).toBe(statSync(join(full, 'model.safetensors')).size);
    expect(data.bytes.after).toBe(statSync(join(out, 'model.safetensors')).size);
    // Not a quarter: much of so small a file is its header.
    expect(data.bytes.after).toBeLessThan(0.6 * data.bytes.before);
    expect(data.agreement.minimumCosine).toBeGreaterThan(0.99);
    // Something is lost; else nothing was quantised, or nothing measured.
    expect(data.agreement.meanCosine).toBeLessThan(1 - 1e-7);
    expect(data.agreement.neighbourOverlap).toBeGreaterThan(0.8);
  });

  it('leaves a folder that has something in it as it is', async () => {
    const out = join(place, 'taken');
    mkdirSync(out);
    writeFileSync(join(out, 'mine'), 'mine');
    const { code, data } = await model('quantise', '--model', full, '--out', out, '--measure', catalogue);
    expect(code).toBe(2);
    expect(data.error.message).toMatch(/not empty/);
    expect(namesIn(out)).toEqual(['mine']);
  });

  it.each([
    ['a folder that is not there', ['--model', '/nowhere', '--measure', catalogue], 3, /no folder/],
    ['a catalogue that is not there', ['--model', full, '--measure', '/nowhere.jsonl'], 3, /nowhere/],
    ['an unknown backend', ['--model', full, '--measure', catalogue, '--backend', 'abacus'], 2, /abacus/],
    ['one text', ['--model', full, '--measure', join(place, 'one.jsonl')], 3, /1 different texts/],
  ])('refuses %s, and writes nothing', async (_, options, exitCode, message) => {
    writeFileSync(join(place, 'one.jsonl'), '{"id":"1","title":"river"}\n{"id":"2","title":"river"}');
    const before = namesIn(place);
    const { code, data } = await model('quantise', '--out', join(place, 'new'), ...options);
    expect(code).toBe(exitCode);
    expect(data.error.message).toMatch(message);
    expect(namesIn(place)).toEqual(before);
  });
});
