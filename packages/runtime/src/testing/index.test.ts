import { expect, test } from 'vitest';
import * as testing from './index.ts';

test('the testing kit has these public names', () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    'checkOpenRecorders',
    'fakeClock',
    'plantCanaries',
    'recordTraces',
    'renderTrace',
    'testTransport',
    'toSpanRecord',
    'transportContract',
  ]);
});
