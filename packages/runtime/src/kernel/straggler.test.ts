import { expect, test } from 'vitest';
import { recordTraces } from '../testing/index.ts';
import type { Scope } from './scope.ts';

const forever = new Promise<never>(() => undefined);

test('the signal of work that its owner did not wait for aborts when the owner ends', async () => {
  using traces = recordTraces();
  traces.expectProblems();
  let reason: unknown;
  await traces.runtime().run('owner', (owner) => {
    void owner.run('left', (left) => {
      left.signal.addEventListener('abort', () => (reason = left.signal.reason));
      return forever;
    });
  });
  expect(reason).toMatchObject({ code: 'TW_SCOPE_ENDED', message: 'left was still running when the operation that owns it ended' });
});

test('abandoned work that asks for its signal only later finds it aborted', async () => {
  using traces = recordTraces();
  traces.expectProblems();
  let abandoned: Scope | undefined;
  let finished: Scope | undefined;
  await traces.runtime().run('owner', async (owner) => {
    await owner.run('finished', (scope) => {
      finished = scope;
    });
    void owner.run('left', (scope) => {
      abandoned = scope;
      return forever;
    });
  });
  expect(abandoned?.signal.aborted).toBe(true);
  expect(finished?.signal.aborted).toBe(false);
});
