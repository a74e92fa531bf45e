import { expect, test } from 'vitest';
import type { ComponentStatus } from '../started-component.ts';
import type { Log } from './log.ts';
import { watchComponents } from './watch-components.ts';

test('each change of a component is told once, and that it is stopping is no end', () => {
  const told: string[] = [];
  const log: Log = {
    format: 'text',
    isDebug: true,
    debug: (message) => void told.push(`debug ${message}`),
    info: (message) => void told.push(`info ${message}`),
    warn: (message) => void told.push(`warn ${message}`),
    failure: (message, error) => void told.push(`failure ${message}: ${String(error)}`),
  };
  const states: ComponentStatus['state'][] = ['starting', 'starting', 'ready', 'stopping', 'stopping', 'ended'];
  let listener: () => void = () => undefined;
  const status = (): ComponentStatus[] => [
    { component: 'till', instance: 'north', revision: 1, state: states[0] ?? 'failed', error: 'no paper' },
  ];
  const unwatch = watchComponents({ status, onChange: (given) => ((listener = given), () => (listener = () => undefined)) }, log);
  while (states.length > 0) {
    states.shift();
    listener();
  }
  expect(told).toEqual([
    'debug north (till) is starting',
    'info north (till) is ready',
    'debug north (till) is stopping',
    'info north (till) has ended',
    'failure north (till) has failed: no paper',
  ]);
  unwatch();
  states.push('ready');
  listener();
  expect(told).toHaveLength(5);
});
