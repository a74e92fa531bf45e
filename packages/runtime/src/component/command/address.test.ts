import { expect, test } from 'vitest';
import { isSameAddress, requireAddress } from './address.ts';

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

test.each([
  ['8080', ':8080', true],
  ['8080', 'localhost:8080', true],
  ['0.0.0.0:8080', '127.0.0.1:8080', true],
  ['[::1]:8080', '[::]:8080', true],
  ['127.0.0.1:8080', '127.0.0.2:8080', false],
  ['8080', '8081', false],
  [':0', ':0', false],
])('whether one server takes from %s what another needs for %s: %s', (one, other, isSame) =>
  expect(isSameAddress(requireAddress('--health', one), requireAddress('--grpc-health', other))).toBe(isSame),
);
