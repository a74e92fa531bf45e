import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

test('without arguments the desk runs on port 3000, for one round on any free port', () => {
  expect(readArguments([])).toEqual({ kind: 'run', once: false, port: 3000 });
  expect(readArguments(['--once'])).toEqual({ kind: 'run', once: true, port: 0 });
  expect(readArguments(['--once', '--port', '4000'])).toEqual({ kind: 'run', once: true, port: 4000 });
});

test('help is asked for by --help', () => {
  expect(readArguments(['--help', '--once'])).toEqual({ kind: 'help' });
});

test.for([
  { given: ['--twice'], message: "Unknown option '--twice'" },
  { given: ['now'], message: "Unexpected argument 'now'" },
  { given: ['--port'], message: "Option '--port <value>' argument missing" },
  { given: ['--port', '65536'], message: '--port must be a number from 0 to 65535, received "65536"' },
  { given: ['--port', 'http'], message: '--port must be a number from 0 to 65535, received "http"' },
])('$given is a mistake that is named', ({ given, message }) => {
  expect(readArguments(given)).toEqual({ kind: 'mistake', message });
});
