import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { plainValueOf } from './plain-value.ts';

test.each([
  ['5', 5],
  ['-1.5e3', -1500],
  ['0x1F', 31],
  ['true', true],
  ['True', true],
  ['null', null],
  ['~', null],
  ['no', 'no'],
  ['hello world', 'hello world'],
  ['a: b', 'a: b'],
  ['- a', '- a'],
  ['-', '-'],
  ['# x', '# x'],
  ['@home', '@home'],
  ['*x', '*x'],
  ['!!binary x', '!!binary x'],
  ['12:30', '12:30'],
  ['2026-11-21', '2026-11-21'],
  ['nats://a:4222', 'nats://a:4222'],
  ['90071992547409931', '90071992547409931'],
  ['"5"', '5'],
  ["'a # b'", 'a # b'],
  ['[1, a b, {c: true}]', [1, 'a b', { c: true }]],
  ['{ a: { b: 1 } }', { a: { b: 1 } }],
  ['{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
])('%j means %j', (text, value) => expect(plainValueOf('--set x', text)).toStrictEqual(value));

test.each(['{ a: hunter2', '["hunter2', '[&a hunter2, !!binary hunter2]', '{ hunter2: 1, hunter2: 2 }['])(
  '%j is refused, and not shown',
  (text) => {
    const refusal = (): unknown => {
      try {
        return plainValueOf('--set till.key', text);
      } catch (error) {
        return error;
      }
    };
    const error = refusal();
    expect(isTracewrightError(error, 'TW_BAD_OPTION')).toBe(true);
    expect(String(error)).toContain('--set till.key has a value that cannot be read');
    expect(String(error)).not.toContain('hunter2');
  },
);
