import { expect, test } from 'vitest';
import { block, isBlock } from './hook-block.ts';

// What a person may get wrong from JavaScript: each is given past the compiler.
const wrong = (value: unknown): never => value as never;

test('a block is frozen and holds its reason, its code and its details', () => {
  const blocked = block('not on the list', { code: 'denied', details: { tool: 'shell' } });
  expect([blocked, Object.isFrozen(blocked), isBlock(blocked)]).toEqual([
    { reason: 'not on the list', code: 'denied', details: { tool: 'shell' } },
    true,
    true,
  ]);
  expect(block('no')).toEqual({ reason: 'no', code: 'blocked', details: undefined });
});

test.each([
  ['no reason', () => block(wrong(undefined)), 'reason of block must be a non-empty string, received undefined'],
  ['an empty reason', () => block(''), "reason of block must be a non-empty string, received ''"],
  ['an empty code', () => block('no', { code: '' }), "code of block must be a short name without spaces, received ''"],
  [
    'a code that is a text',
    () => block('no', { code: 'it said no' }),
    "code of block must be a short name without spaces, received 'it said no'",
  ],
  ['details that are no object', () => block('no', { details: wrong('x') }), "details of block must be a plain object, received 'x'"],
  ['a misspelt option', () => block('no', wrong({ codes: 'x' })), 'options of block.codes is not an option: there are code, details'],
])('%s is refused at once', (_, act, message) => {
  expect(act).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', message }));
});
