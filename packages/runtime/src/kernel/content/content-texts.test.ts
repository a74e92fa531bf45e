import { expect, test } from 'vitest';
import { RecentTexts } from './content-texts.ts';

test('what is remembered of a text is known of an equal one, and of no other', () => {
  const texts = new RecentTexts<number>();
  texts.remember('one', 1);
  texts.remember('two', 2);
  texts.remember('one', 3);
  expect([texts.get('one'), texts.get(['o', 'ne'].join('')), texts.get('two'), texts.get('One'), texts.get('one ')]).toEqual([
    3,
    3,
    2,
    undefined,
    undefined,
  ]);
});

test('of long texts, those of another length and those that begin in another way are others', () => {
  const texts = new RecentTexts<true>();
  const long = 'x'.repeat(100_000);
  texts.remember(long, true);
  expect([texts.get(long), texts.get(`${long}x`), texts.get(`y${long.slice(1)}`)]).toEqual([true, undefined, undefined]);
});

test('a thousand texts are known, and the oldest is forgotten first', () => {
  const texts = new RecentTexts<number>();
  for (let index = 0; index < 1025; index += 1) texts.remember(`text ${index}`, index);
  const known = Array.from({ length: 1025 }, (_, index) => texts.get(`text ${index}`));
  expect(known).toEqual([undefined, ...Array.from({ length: 1024 }, (_, index) => index + 1)]);
});
