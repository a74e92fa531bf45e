import { expect, test } from 'vitest';
import { requireAddress } from './address.ts';

test.each([
  ['8080', '127.0.0.1', 8080],
  [':8080', '127.0.0.1', 8080],
  [' :0 ', '127.0.0.1', 0],
  ['0.0.0.0:65535', '0.0.0.0', 65_535],
  ['localhost:80', 'localhost', 80],
  ['[::1]:80', '::1', 80],
])('%j is %s, port %i', (text, host, port) => expect(requireAddress('--health', text)).toEqual({ host, port }));

test.each(['', ':', 'localhost', '65536', ':-1', '::1:80', '1.5', 'a b:80', 'http://localhost:80', '[::1]'])('%j is refused', (text) =>
  expect(() => requireAddress('--health', text)).toThrow('--health must be a port, or host:port'),
);
