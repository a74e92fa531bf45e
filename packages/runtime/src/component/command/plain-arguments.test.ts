import { expect, test } from 'vitest';
import type { Flag } from './flag.ts';
import { peekArguments, plainArguments } from './plain-arguments.ts';

const flag = (name: string, takes: Flag['takes']): Flag => ({ name, takes, description: '', variable: undefined });
const flags = [flag('components', 'text'), flag('strict', 'switch')];

test.each([
  [
    ['--strict=true', '--strict=0'],
    ['--strict', '--no-strict'],
  ],
  [['--components=--strict=false'], ['--components=--strict=false']],
  [
    ['--components', '--strict=false', 'a'],
    ['--components', '--strict=false', 'a'],
  ],
  [
    ['--unknown=secret', 'x'],
    ['--unknown', 'x'],
  ],
  [
    ['--components:secret', '--components:secret=x', '--x.key"secret', '--', '-psecret'],
    ['--components…', '--components…', '--x.key…', '--', '-psecret'],
  ],
  [
    ['-psecret', '-p', '-hsecret', '-h', '-'],
    ['-p…', '-p', '-h…', '-h', '-'],
  ],
  [
    ['--components', '-psecret'],
    ['--components', '-psecret'],
  ],
  [
    ['--', '--strict=false'],
    ['--', '--strict=false'],
  ],
  [
    ['--components', '--', '--strict=false'],
    ['--components', '--', '--no-strict'],
  ],
])('%j is given to the parser as %j', (args, plain) => expect(plainArguments(args, flags)).toEqual(plain));

test.each([
  [['shop.yaml', '--x.y', 'z'], 'shop.yaml', true],
  [['--x.y', 'z', 'shop.yaml'], 'shop.yaml', true],
  [['--strict', 'shop.yaml'], 'shop.yaml', true],
  [['--x.loud', 'shop.yaml'], 'shop.yaml', false],
  [['--x.loud', 'shop.yaml', '--x.greeting', 'hello'], 'shop.yaml', false],
  [['--no-x.loud', '-'], '-', true],
  [['--components', 'm.js'], undefined, false],
  [['--x.y=z', 'shop'], 'shop', true],
])('in %j the footprint is %j; sure: %j', (args, footprint, isSure) =>
  expect(peekArguments(args, flags)).toMatchObject({ footprint, isSure }),
);

test('the value of a flag that is known is found, however it is written', () => {
  const found = (args: string[]): unknown => peekArguments(args, flags).values.get('components');
  expect([found(['--components', 'm']), found(['a', '--components=m']), found(['--x', '--components', 'm']), found([])]).toEqual([
    'm',
    'm',
    'm',
    undefined,
  ]);
});
