import { describe, expect, it } from 'vitest';
import { wordsOf } from './words.ts';

describe('wordsOf', () => {
  it.each([
    ['The Godfather: Part II (1974)', ['the', 'godfather', 'part', 'ii', '1974']],
    ['Amélie AMELIE Ａmélie', ['amelie', 'amelie', 'amelie']],
    ['Straße STRASSE', ['strasse', 'strasse']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['İstanbul', ['istanbul']],
    ['ﬁlm №5', ['film', 'no5']],
    ['Ёлки', ['елки']],
    ['हिन्दी', ['हिन्दी']],
    ['東京物語', ['東', '京', '東京', '物', '京物', '語', '物語']],
    ['iPhone用ケース 2', ['iphone', '用', 'ケ', '用ケ', 'ー', 'ケー', 'ス', 'ース', '2']],
    ['… — !', []],
    ['one 😀 two', ['one', 'two']],
    ['', []],
  ])('reads %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});
