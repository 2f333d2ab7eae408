import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dataset, historyOf } from './dataset.ts';
import { DataError } from './error.ts';
import { loadDataset } from './load.ts';

const root = mkdtempSync(join(tmpdir(), 'tributary-data-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A fresh folder with these files. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(root, 'set-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Histories by source ids, the shape that tests are easiest to read in. */
function historiesOf({ userIds, items, interactions }: Dataset): Record<string, string[]> {
  return Object.fromEntries(
    userIds.map((id, user) => [id, [...historyOf(interactions, user)].map((item) => items[item].id)]),
  );
}

async function failure(loading: Promise<unknown>): Promise<DataError> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DataError)) throw new Error(`expected a DataError, got ${String(error)}`);
  return error;
}

const genres = 'unknown|0\nAction|1\nDrama|2\n\n';
const itemLines = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`, 'latin1');
const items100k = itemLines(
  '1|Amélie (2001)|01-Jan-2001|||0|0|1',
  '2|Heat (1995)|||http://x|0|1|1',
  '3|unknown||||1|0|0',
);

describe('MovieLens 100K', () => {
  it('is read in its original files', async () => {
    const folder = folderOf({
      'u.data': '2\t3\t5\t200\n1\t1\t4\t300\n1\t2\t2\t100\n',
      'u.item': items100k,
      'u.genre': genres,
    });
    const dataset = await loadDataset(folder);
    expect(dataset.userIds).toEqual(['1', '2']);
    expect(historiesOf(dataset)).toEqual({ 1: ['2', '1'], 2: ['3'] });
    expect(dataset.items[0]).toEqual({ id: '1', title: 'Amélie (2001)', attributes: ['Drama'], description: '' });
    expect(dataset.items[1].attributes).toEqual(['Action', 'Drama']);
    expect(dataset.timeSpan).toEqual({ first: 100, last: 300 });
    expect(dataset.source).toMatch(/GroupLens.*no redistribution/);
    expect(await loadDataset(join(folder, 'u.data'))).toEqual(dataset);
  });

  it('refuses rows with missing fields, no numbers and unknown items, or counts them', async () => {
    const rows = ['1\t1\t4\t1', '1\t2\t4', '1\t2\tfour\t2', '1\t9\t4\t3', '\t2\t4\t3', '1\t2\t3\tlate', '1\t3\t4\t5'];
    const folder = folderOf({ 'u.data': rows.join('\n'), 'u.item': items100k, 'u.genre': genres });
    expect(await failure(loadDataset(folder))).toMatchObject({ line: 2, problem: '3 fields between tabs' });
    const dataset = await loadDataset(folder, { skipBadRows: true });
    expect(dataset.skippedRows).toBe(5);
    expect(historiesOf(dataset)).toEqual({ 1: ['1', '3'] });
    for (const [row, problem] of [
      [rows[2], /rating is not a number/],
      [rows[3], /item is not in the catalogue/],
      [rows[4], /user is missing/],
      [rows[5], /timestamp is not a number/],
    ] as const) {
      const bad = folderOf({ 'u.data': `${rows[0]}\n${row}\n`, 'u.item': items100k, 'u.genre': genres });
      const error = await failure(loadDataset(bad));
      expect(error.message).toMatch(problem);
      expect(error.message).toMatch(/u\.data:2: .*; expected .*--skip-bad-rows/);
    }
  });

  it('refuses a damaged item file', async () => {
    const folder = folderOf({ 'u.data': '1\t1\t4\t1\n', 'u.item': '1|Title|\n', 'u.genre': genres });
    expect(await failure(loadDataset(folder))).toMatchObject({ line: 1, problem: '3 fields between "|"' });
  });
});

describe('MovieLens 1M', () => {
  it('is read in its original files', async () => {
    const folder = folderOf({
      'ratings.dat': '1::20::5::978300760\r\n1::10::3::978300000\r\n2::20::4::978298413\r\n',
      'movies.dat': itemLines(
        '10::Misérables, Les (1995)::Drama|Musical',
        '20::Heat (1995)::Action',
        '30::Unrated::Drama',
      ),
    });
    const dataset = await loadDataset(folder);
    expect(historiesOf(dataset)).toEqual({ 1: ['10', '20'], 2: ['20'] });
    expect(dataset.items.map((item) => item.title)).toEqual(['Heat (1995)', 'Misérables, Les (1995)']);
    expect(dataset.items[1].attributes).toEqual(['Drama', 'Musical']);
    const bad = folderOf({ 'ratings.dat': '1::20::5::1\n1:10:3:2\n' });
    expect(await failure(loadDataset(bad))).toMatchObject({ line: 2, problem: '1 fields between "::"' });
  });

  const compact = {
    'ratings.tsv.gz': gzipSync(
      'user_id\tmovie_id\trating\ttimestamp\tslack\tposition\n1\t20\t5\t9\t0\t1\n1\t10\t3\t9\t0\t0\n',
    ),
    'items.tsv.gz': gzipSync(
      'item\tmovie_id\tratings\ttitle\tgenres\tplot\n0\t20\t1\tHeat\tAction|Drama\tA plot.\n1\t10\t1\tB\tDrama\t\n',
    ),
  };

  it('is read in its compact form, in the order of the positions', async () => {
    const dataset = await loadDataset(folderOf(compact));
    expect(historiesOf(dataset)).toEqual({ 1: ['10', '20'] });
    expect(dataset.items[0]).toEqual({
      id: '20',
      title: 'Heat',
      attributes: ['Action', 'Drama'],
      description: 'A plot.',
    });
  });

  it('refuses a truncated or damaged gzip, and a header without the columns', async () => {
    const whole = compact['ratings.tsv.gz'];
    const truncated = folderOf({ ...compact, 'ratings.tsv.gz': whole.subarray(0, whole.length - 12) });
    expect((await failure(loadDataset(truncated))).message).toMatch(/gzip stream ends too early; expected a complete/);
    const noise = folderOf({ ...compact, 'ratings.tsv.gz': Buffer.from('no gzip at all') });
    expect((await failure(loadDataset(noise))).message).toMatch(/gzip stream is damaged/);
    const header = folderOf({ ...compact, 'ratings.tsv.gz': gzipSync('user_id\tmovie_id\n1\t20\n') });
    expect((await failure(loadDataset(header))).message).toMatch(/:1: the header lacks rating, timestamp, position/);
  });
});

describe('RecBole atomic files', () => {
  const inter =
    'user_id:token\titem_id:token\trating:float\ttimestamp:float\nann\tx\t4.5\t20\nann\ty\t1\t10\nbob\tx\t3\t5\n';
  const item =
    'item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\nx\tThe Ex\t1999\tDrama War\n';

  it('are read with the item file beside them', async () => {
    const dataset = await loadDataset(folderOf({ 'demo.inter': inter, 'demo.item': item }));
    expect(dataset.name).toBe('demo');
    expect(historiesOf(dataset)).toEqual({ ann: ['y', 'x'], bob: ['x'] });
    expect(dataset.items).toEqual([
      { id: 'x', title: 'The Ex', attributes: ['1999', 'Drama', 'War'], description: '' },
      { id: 'y', title: 'y', attributes: [], description: '' },
    ]);
  });

  it('need a typed header with the two ids, and rows as long as it', async () => {
    const untyped = folderOf({ 'a.inter': 'user_id\titem_id\n1\t2\n' });
    expect((await failure(loadDataset(untyped))).message).toMatch(/header is not typed; expected "name:type"/);
    const noItem = folderOf({ 'a.inter': 'user_id:token\tthing:token\n1\t2\n' });
    expect((await failure(loadDataset(noItem))).message).toMatch(/header lacks item_id/);
    const short = folderOf({ 'a.inter': `${inter}carol\tx\n` });
    expect(await failure(loadDataset(short))).toMatchObject({ line: 5, expected: '4 as the header' });
  });
});

describe('CSV and TSV with named columns', () => {
  it('are found by usual names, in any order, with quotes, semicolons or tabs, byte order mark and gzip', async () => {
    const expected = { ann: ['b, c', 'a'], bob: ['a'] };
    const rows = [
      ['when', 'timestamp', 'movieId', 'userId'],
      ['-', '2', 'a', 'ann'],
      ['-', '1', 'b, c', 'ann'],
      ['-', '7', 'a', 'bob'],
    ];
    const text = (delimiter: string) => rows.map((row) => row.map((cell) => `"${cell}"`).join(delimiter)).join('\r\n');
    for (const files of [
      { 'x.csv': text(',') },
      { 'x.csv': `\ufeff${text(';')}\n` },
      { 'x.tsv': text('\t') },
      { 'x.csv.gz': gzipSync(text(',')) },
    ] as Record<string, string>[]) {
      expect(historiesOf(await loadDataset(folderOf(files)))).toEqual(expected);
    }
  });

  it('take other names, and a least rating for an interaction', async () => {
    const folder = folderOf({ 'log.data': 'who,what,stars given\nann,a,5\nann,b,2\nbob,b,4\n' });
    const columns = { user: 'who', item: 'what', rating: 'stars given' };
    const dataset = await loadDataset(join(folder, 'log.data'), { columns, minimumRating: 4 });
    expect(historiesOf(dataset)).toEqual({ ann: ['a'], bob: ['b'] });
    expect(dataset.skippedRows).toBe(0);
    expect(dataset.timeSpan).toBeUndefined();
    const missing = await failure(loadDataset(join(folder, 'log.data'), { columns: { ...columns, timestamp: 'at' } }));
    expect(missing.message).toMatch(/no column for the timestamp; expected a column at.*columns\.timestamp/);
    expect((await failure(loadDataset(join(folder, 'log.data'), { columns, minimumRating: 6 }))).message).toMatch(
      /no interaction is left \(0 bad rows, 3 below the minimum rating\)/,
    );
  });

  it('refuse or count rows of the wrong length, without an id, without a number', async () => {
    const rows = ['user,item,rating', 'ann,a,1', 'ann,b', 'ann,,2', 'ann,c,x', 'ann,e,', 'ann,f,1'];
    const folder = folderOf({ 'x.csv': rows.join('\n') });
    const error = await failure(loadDataset(folder));
    expect(error).toMatchObject({ line: 3, problem: '2 fields', expected: '3 as the header' });
    const dataset = await loadDataset(folder, { skipBadRows: true });
    expect(dataset.skippedRows).toBe(4);
    expect(historiesOf(dataset)).toEqual({ ann: ['a', 'f'] });
  });

  it('take a stray quote as text, and never lose rows to one that is left open', async () => {
    const stray = folderOf({ 'x.csv': 'user,item\nann,a\nann,"d"d\nann,x"e\nann,g\n' });
    expect(historiesOf(await loadDataset(stray))).toEqual({ ann: ['a', '"d"d', 'x"e', 'g'] });
    const open = folderOf({ 'x.csv': 'user,item\nann,a\nann,"d\nann,e\nann,g\n' });
    const error = await failure(loadDataset(open, { skipBadRows: true }));
    expect(error.message).toMatch(/x\.csv:3: the record that begins here never closes its quote/);
  });

  it('say nothing of what stands in a bad row', async () => {
    const secret = 'very-private-value';
    for (const text of [
      `user,item,rating\nann,a,${secret}\n`,
      `user,item\nann,"${secret}\n`,
      `ann,${secret}\nbob,b\n`,
      `user,item\n${secret}\n`,
    ]) {
      const error = await failure(loadDataset(folderOf({ 'x.csv': text })));
      expect(error.message).not.toContain(secret);
    }
  });

  it('refuse a truncated gzip', async () => {
    const text = Array.from({ length: 500 }, (_, i) => `u${i % 7},i${i}`).join('\n');
    const packed = gzipSync(`user,item\n${text}`);
    const folder = folderOf({ 'x.csv.gz': packed.subarray(0, packed.length / 2) });
    expect((await failure(loadDataset(folder))).message).toMatch(/gzip stream ends too early/);
  });
});

describe('any data set', () => {
  it('keeps the latest of a repeated pair, and the order of the file among equal times', async () => {
    const folder = folderOf({ 'x.csv': 'user,item,timestamp\nu,a,1\nu,b,2\nu,a,3\nu,d,2\nu,c,2\nu,b,2\n' });
    expect(historiesOf(await loadDataset(folder))).toEqual({ u: ['d', 'c', 'b', 'a'] });
  });

  it('may have a user with one interaction', async () => {
    const dataset = await loadDataset(folderOf({ 'x.csv': 'user,item\nu,a\nv,a\nv,b\n' }));
    expect(historiesOf(dataset)).toEqual({ u: ['a'], v: ['a', 'b'] });
  });

  it('is refused when it is empty, missing, of no known format, or several', async () => {
    const message = async (path: string) => (await failure(loadDataset(path))).message;
    expect(await message(folderOf({ 'x.csv': 'user,item\n' }))).toMatch(/no interaction is left \(0 bad rows/);
    expect(await message(folderOf({ 'x.csv': '' }))).toMatch(/file is empty; expected a header line/);
    expect(await message(folderOf({ 'u.data': '' }))).toMatch(/no interaction is left/);
    expect(await message(folderOf({}))).toMatch(/no data set of a known format; expected MovieLens/);
    expect(await message(folderOf({ 'a.csv': 'x', 'b.csv': 'x' }))).toMatch(/several data files \(a\.csv, b\.csv\)/);
    expect(await message(join(root, 'nowhere'))).toMatch(/there is no such file; expected .* Check the path/);
    expect(await message(folderOf({ 'x.csv': 'name,thing\n1,2\n' }))).toMatch(
      /no column for the user; expected one of user, user_id/,
    );
  });
});
