import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEncoderFolder } from '@tributary/model/encoder/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { model, modelUntil, namesIn, tinyCatalogue, tinyEncoderFiles, writeFiles } from './tiny-encoder.cases.ts';

const place = mkdtempSync(join(tmpdir(), 'distill-'));
const teacher = join(place, 'teacher');
const catalogue = join(place, 'items.jsonl');
beforeAll(() => {
  writeFiles(teacher, tinyEncoderFiles());
  writeFileSync(catalogue, tinyCatalogue(300));
});
afterAll(() => rmSync(place, { recursive: true }));

const training = ['--catalogue', catalogue, '--epochs', '8', '--learning-rate', '0.003'];

describe('tributary model distill', () => {
  it('writes a smaller encoder that is nearer to its teacher than its layers alone', async () => {
    const out = join(place, 'student');
    const { code, lines, notes, data } = await model('distill', '--model', teacher, '--out', out, ...training);
    expect({ code, lines }).toEqual({ code: 0, lines: 1 });
    const [large, small] = [await openEncoderFolder(teacher), await openEncoderFolder(out)];
    expect(small.configuration).toEqual({ ...large.configuration, layers: 2 });
    expect(small.licence).toBe('apache-2.0');
    expect(data).toMatchObject({ hash: small.hash, from: large.hash, layers: [0, 2] });
    expect(data.bytes.student).toBe(statSync(join(out, 'model.safetensors')).size);
    expect(data.bytes.student).toBeLessThan(data.bytes.teacher);
    const { before, after } = data.agreement;
    expect(after.texts).toBe(data.texts.heldOut);
    expect(1 - after.meanCosine).toBeLessThan((1 - before.meanCosine) / 2);
    expect(after.centredCosine).toBeGreaterThan(before.centredCosine);
    expect(after.neighbourOverlap).toBeGreaterThan(before.neighbourOverlap);
    expect(notes).toMatch(/training steps \d+\/\d+ 1 - cosine/);
  });

  it.each([
    ['as many layers as the teacher has', ['--model', teacher, '--layers', '4'], 3, /teacher of 4/],
    ['a folder that is not there', ['--model', '/nowhere'], 3, /no folder/],
    ['a learning rate that is none', ['--model', teacher, '--learning-rate', '0'], 2, /above 0/],
    ['an unknown backend', ['--model', teacher, '--backend', 'abacus'], 2, /abacus/],
  ])('refuses %s, and writes nothing', async (_, options, exitCode, message) => {
    const before = namesIn(place);
    const { code, data } = await model('distill', '--out', join(place, 'new'), '--catalogue', catalogue, ...options);
    expect(code).toBe(exitCode);
    expect(data.error.message).toMatch(message);
    expect(namesIn(place)).toEqual(before);
  });

  it('ends when it is interrupted, and writes nothing', async () => {
    const before = namesIn(place);
    const stop = new AbortController();
    const onNote = (note: string) => {
      if (note.startsWith('training steps')) stop.abort('SIGINT');
    };
    const out = join(place, 'new');
    const { code, data } = await modelUntil(
      stop.signal,
      onNote,
      'distill',
      '--model',
      teacher,
      '--out',
      out,
      ...training,
    );
    expect(code).toBe(130);
    expect(data.error.reason).toBe('interrupted');
    expect(namesIn(place)).toEqual(before);
  });
});
