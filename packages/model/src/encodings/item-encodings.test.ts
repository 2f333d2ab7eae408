import { expect, test } from 'vitest';
import { itemText } from './item-encodings.ts';

test('an item is its title, attributes and description, as sentences', () => {
  const heat = { title: 'Heat (1995)', attributes: ['Action', 'Crime'], description: 'A thief and a detective meet!' };
  expect(itemText(heat)).toBe('Heat (1995). Action, Crime. A thief and a detective meet!');
});

test('what an item lacks leaves no trace in its text', () => {
  expect(itemText({ title: ' Heat ', attributes: [], description: '' })).toBe('Heat.');
  expect(itemText({ title: '', attributes: [], description: '' })).toBe('');
});
