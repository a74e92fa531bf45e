import { exitCode, type LifecycleFailure, type Outcome } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const isolated: LifecycleFailure = { path: 'app/child', error: new Error('no') };

test.each([
  [0, 'ok', {}],
  [0, 'stopped', {}],
  [0, 'ok', { failures: [isolated] }],
  [1, 'failed', {}],
  [1, 'terminated', {}],
  [1, 'ok', { failures: [{ ...isolated, during: 'cleanup' }] }],
  [1, 'stopped', { stuck: ['app/child > body'] }],
] as const)('the exit code is %d for %s %o', (code, status, more) => {
  const outcome: Outcome = { status, failures: [], stuck: [], ...more };
  expect(exitCode(outcome)).toBe(code);
});

test.each([undefined, null, 0, 'ok', {}, { status: 'ok' }, { status: 'fine', failures: [], stuck: [] }, Promise.resolve()])(
  'what is no outcome has no exit code: %o',
  (wrong) => {
    expect(() => exitCode(wrong as never)).toThrow(
      expect.objectContaining({ code: 'TW_BAD_OPTION', data: expect.objectContaining({ option: 'outcome' }) }),
    );
  },
);

// Go: Run returns nothing, and the exit code is 0 even after Fatal.
test('a failed cleanup keeps the status of the body, and still gives a bad exit code', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => l.fork('child', (c) => c.defer(() => Promise.reject(new Error('no')))));
  const outcome = await handle.done;
  expect([outcome.status, exitCode(outcome)]).toEqual(['ok', 1]);
});

test('an outcome is frozen, keeps a hundred failures of each kind, and counts the rest', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    for (let index = 0; index < 250; index += 1) l.fork(`child ${index}`, () => Promise.reject(new Error(`${index}`)));
    l.defer(() => Promise.reject(new Error('cleanup')));
  });
  const outcome = await handle.done;
  expect([outcome.failures.length, outcome.failuresOmitted]).toEqual([101, 150]);
  expect(outcome.failures[0]?.path).toBe('app/child 0');
  expect(outcome.failures.at(-1)).toMatchObject({ path: 'app', during: 'cleanup' });
  expect([outcome, outcome.failures, outcome.stuck].map(Object.isFrozen)).toEqual([true, true, true]);
});

test('what a child had to leave out is counted above too', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => {
    l.fork('child', (c) => {
      for (let index = 0; index < 130; index += 1) c.fork(`grandchild ${index}`, () => Promise.reject(new Error(`${index}`)));
    });
  });
  const { failures, failuresOmitted } = await handle.done;
  expect([failures.length, failuresOmitted]).toEqual([100, 30]);
});
