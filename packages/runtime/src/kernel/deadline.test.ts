import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fakeClock } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { maxTimerMs, systemClock } from './clock.ts';
import { type Deadline, setDeadline } from './deadline.ts';

// Real time, as rows of deadlines are only on it. Nothing is asserted on how long it takes: only on what expires, and in which order. Each test has delays of
// its own, as deadlines that last equally long share a row.

/** Resolves when a deadline expires that is set now. */
const expiry = (delayMs: number): Promise<void> => new Promise((resolve) => void setDeadline(systemClock, delayMs, resolve));

test('deadlines that last equally long expire in the order in which they were set', async () => {
  const order: number[] = [];
  for (const index of [0, 1, 2]) setDeadline(systemClock, 3.1, () => void order.push(index));
  await turn();
  for (const index of [3, 4]) setDeadline(systemClock, 3.1, () => void order.push(index));
  await expiry(3.1);
  expect(order).toEqual([0, 1, 2, 3, 4]);
});

test('of deadlines that last differently the shorter one expires first, whenever it was set', async () => {
  const order: string[] = [];
  setDeadline(systemClock, 20.2, () => void order.push('long'));
  setDeadline(systemClock, 3.2, () => void order.push('short'));
  await expiry(20.2);
  expect(order).toEqual(['short', 'long']);
});

test('what is cleared does not expire: the first, one in the middle, the last, and one cleared again or late', async () => {
  const order: number[] = [];
  const deadlines = [0, 1, 2, 3, 4].map((index) => setDeadline(systemClock, 3.3, () => void order.push(index)));
  for (const index of [0, 2, 4, 2]) deadlines[index]?.clear();
  await expiry(3.3);
  for (const deadline of deadlines) deadline.clear();
  await expiry(3.3);
  expect(order).toEqual([1, 3]);
});

test('a deadline that expires can clear others that are due at the same time, and set new ones', async () => {
  const order: string[] = [];
  const cleared: Deadline[] = [];
  const again = new Promise<void>((resolve) => {
    setDeadline(systemClock, 3.4, () => {
      order.push('first');
      for (const deadline of cleared) deadline.clear();
      setDeadline(systemClock, 3.4, () => {
        order.push('again');
        resolve();
      });
    });
  });
  cleared.push(setDeadline(systemClock, 3.4, () => void order.push('cleared')));
  setDeadline(systemClock, 3.4, () => void order.push('second'));
  await again;
  expect(order).toEqual(['first', 'second', 'again']);
});

test('a row that was emptied takes deadlines again, before and after its timer has fired', async () => {
  setDeadline(systemClock, 3.5, () => undefined).clear();
  await expiry(3.5);
  await expiry(3.5);
  setDeadline(systemClock, 3.5, () => undefined).clear();
  // The timer of the empty row is still to come, or has just passed: either way nothing may be lost.
  await expiry(5.5);
  await expiry(3.5);
});

test('there can be more different deadlines than rows', async () => {
  const delaysMs = Array.from({ length: 600 }, (_, index) => 1 + index / 300);
  await expect(Promise.all(delaysMs.map(expiry))).resolves.toHaveLength(600);
});

test('a deadline longer than a timer of Node’s can be is not taken for a short one', async () => {
  const warnings: string[] = [];
  const warned = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warned);
  let expired = false;
  const far = setDeadline(systemClock, maxTimerMs + 1, () => {
    expired = true;
  });
  await expiry(3.6);
  far.clear();
  process.off('warning', warned);
  expect([expired, warnings]).toEqual([false, []]);
});

test('on another clock each deadline is a timer of that clock', async () => {
  const clock = fakeClock();
  const order: string[] = [];
  setDeadline(clock, 10, () => void order.push('first'));
  const cleared = setDeadline(clock, 10, () => void order.push('cleared'));
  setDeadline(clock, 10, () => void order.push('second'));
  expect(clock.pending).toBe(3);
  cleared.clear();
  await clock.advance(10);
  expect([order, clock.pending]).toEqual([['first', 'second'], 0]);
});

test('deadlines expire in no asynchronous context, whoever armed the timer that they share', async () => {
  const storage = new AsyncLocalStorage<string>();
  const stores: unknown[] = [];
  const look = (): void => void stores.push(storage.getStore());
  storage.run('first', () => setDeadline(systemClock, 3.7, look));
  storage.run('second', () => setDeadline(systemClock, 3.7, look));
  // Set while the timer is armed for the next time.
  storage.run('third', () => setDeadline(systemClock, 3.7, () => storage.run('inside', () => setDeadline(systemClock, 3.7, look))));
  await expiry(3.7);
  await expiry(3.7);
  expect(stores).toEqual([undefined, undefined, undefined]);
});

test('a row keeps nothing of whoever set a deadline, once that is cleared', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  if (typeof collectGarbage !== 'function') throw new Error('garbage cannot be collected here');
  const storage = new AsyncLocalStorage<object>();
  /** In a call of its own, so that no variable of the test keeps the request. */
  const arm = (): readonly WeakRef<object>[] => {
    const request = { name: 'request' };
    const expired = (): void => expect(request).toBeDefined();
    storage.run(request, () => setDeadline(systemClock, 86_400_000.1, expired).clear());
    return [new WeakRef(request), new WeakRef(expired)];
  };
  const references = arm();
  await turn();
  collectGarbage();
  await turn();
  expect(references.map((reference) => reference.deref())).toEqual([undefined, undefined]);
});

const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a program in a process of its own until that ends by itself, and gives what it printed. */
async function run(program: string): Promise<string> {
  const imports = `
    import { systemClock } from './clock.ts';
    import { setDeadline } from './deadline.ts';
  `;
  const flags = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module', '--eval', imports + program];
  // One that does not end is killed.
  const options = { cwd: here, env: { PATH: process.env['PATH'] }, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, flags, options);
  return stdout.trim();
}

const aDay = 86_400_000;
/** For starting a process on a busy machine. */
const patienceMs = 30_000;

test(
  'a process ends by itself when all its deadlines are cleared, and not before',
  async () => {
    const program = `
    const far = [1, 2, 3].map(() => setDeadline(systemClock, ${aDay}, () => console.log('never')));
    setDeadline(systemClock, 5, () => {
      console.log('kept alive');
      for (const deadline of far) deadline.clear();
    });
  `;
    expect(await run(program)).toBe('kept alive');
  },
  patienceMs,
);

test(
  'a deadline in a row that was empty keeps the process alive again',
  async () => {
    const program = `
    setDeadline(systemClock, 50, () => console.log('never')).clear();
    setDeadline(systemClock, 50, () => console.log('kept alive'));
    setDeadline(systemClock, 50, () => console.log('never')).clear();
  `;
    expect(await run(program)).toBe('kept alive');
  },
  patienceMs,
);

test(
  'a deadline whose callback throws keeps no other from expiring',
  async () => {
    const program = `
    process.on('uncaughtException', (error) => console.log(error.message));
    setDeadline(systemClock, 5, () => { throw new Error('thrown'); });
    setDeadline(systemClock, 5, () => console.log('second'));
  `;
    expect((await run(program)).split('\n').toSorted()).toEqual(['second', 'thrown']);
  },
  patienceMs,
);
