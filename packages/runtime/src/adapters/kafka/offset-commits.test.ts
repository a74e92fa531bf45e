import { expect, test } from 'vitest';
import { OffsetCommits } from './offset-commits.ts';

test('one commit is under way at a time, and all who ask meanwhile share the next one', async () => {
  const ends: (() => void)[] = [];
  const commits = new OffsetCommits(() => new Promise((resolve) => ends.push(resolve)));
  const done: string[] = [];
  const ask = (who: string): Promise<unknown> => commits.request().then(() => done.push(who));
  const first = ask('first');
  await Promise.resolve();
  const others = [ask('second'), ask('third')];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await first;
  expect([done, ends.length]).toEqual([['first'], 2]);
  ends[1]?.();
  await Promise.all(others);
  expect(done).toEqual(['first', 'second', 'third']);
});

test('a commit that fails is told to who waits for it, and the next one is tried all the same', async () => {
  let rounds = 0;
  const commits = new OffsetCommits(async () => {
    rounds += 1;
    if (rounds === 1) throw new Error('away');
  });
  await expect(commits.request()).rejects.toThrow('away');
  await expect(commits.request()).resolves.toBeUndefined();
});
