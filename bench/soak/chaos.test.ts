import { describe, expect, test } from 'vitest';
import { judge } from './bounds.ts';
import { account, type Books, type Handling, type Killed } from './chaos-accounts.ts';
import { readChaosOptions } from './chaos-options.ts';
import { planKills } from './chaos-plan.ts';
import { accountLines, boundsOf, killLine, type Outcome } from './chaos-report.ts';

const handling = (id: string, at: number, by = 'consumer-1.1'): Handling => ({ id, at, by, attempt: 1 });
const brokerKill: Killed = { number: 1, broker: true, consumers: [], at: 1000, backAt: 1500 };
const consumerKill: Killed = { number: 2, broker: false, consumers: ['consumer-1.1'], at: 20_000, backAt: 21_000 };
const books = (given: Partial<Books>): Books => ({
  published: ['a'],
  handlings: [handling('a', 1)],
  deadLettered: [],
  kills: [],
  ...given,
});

describe('a plan', () => {
  const setting = { seed: 7, kills: 12, messages: 10_000, consumers: 3 };

  test('is the same for the same seed, and another one for another', () => {
    expect(planKills(setting)).toEqual(planKills(setting));
    expect(planKills(setting)).not.toEqual(planKills({ ...setting, seed: 8 }));
  });

  test('kills the broker first and a consumer second, in the midst of the messages, in order', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const plan = planKills({ ...setting, seed });
      const moments = plan.map(({ afterHandled }) => afterHandled);
      expect(plan.slice(0, 2).map(({ broker, consumers }) => [broker, consumers.length])).toEqual([
        [true, 0],
        [false, 1],
      ]);
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      expect([Math.min(...moments) >= 500, Math.max(...moments) < 9000]).toEqual([true, true]);
      expect(plan.flatMap(({ consumers }) => consumers).every((consumer) => consumer >= 0 && consumer < 3)).toBe(true);
    }
  });

  test('kills everybody at once sooner or later, and the broker together with a consumer', () => {
    const plan = planKills({ ...setting, kills: 50 });
    expect(plan.some(({ broker, consumers }) => !broker && consumers.length === 3)).toBe(true);
    expect(plan.some(({ broker, consumers }) => broker && consumers.length === 1)).toBe(true);
  });
});

describe('the accounts', () => {
  test('a message that was published and never handled is lost', () => {
    expect(account(books({ published: ['a', 'b'] })).lost).toEqual(['b']);
  });

  test('a message in the dead letter is not lost', () => {
    expect(account(books({ published: ['a', 'b'], deadLettered: ['b'] })).lost).toEqual([]);
  });

  test('a message that was handled and whose publication was never confirmed is told', () => {
    expect(account(books({ published: [] })).unknown).toEqual(['a']);
  });

  test('a message is handled again because its consumer was killed in between', () => {
    const { handledOnce, handledMoreOften, repeatedBy, unexplained } = account(
      books({ handlings: [handling('a', 19_999), handling('a', 23_000, 'consumer-2.1')], kills: [brokerKill, consumerKill] }),
    );
    expect([handledOnce, handledMoreOften, [...repeatedBy], unexplained]).toEqual([0, 1, [[2, 1]], []]);
  });

  test('a message is handled again because the broker was killed after it, or while it could not hear of it', () => {
    for (const at of [900, 1200, 7000]) {
      const { repeatedBy } = account(books({ handlings: [handling('a', at), handling('a', 9000)], kills: [brokerKill] }));
      expect([...repeatedBy]).toEqual([[1, 1]]);
    }
  });

  test('no kill explains a message that came again before it, long after it, or from a consumer that lived on', () => {
    const kills = [brokerKill, consumerKill];
    for (const [first, second, by] of [
      [100, 900, 'consumer-1.1'],
      [8000, 9000, 'consumer-1.1'],
      [19_999, 23_000, 'consumer-2.1'],
    ] as const) {
      const { unexplained } = account(books({ handlings: [handling('a', first, by), handling('a', second)], kills }));
      expect(unexplained.map(({ at }) => at)).toEqual([second]);
    }
  });

  test('each further time is explained by itself, in the order of time', () => {
    const handlings = [handling('a', 23_000), handling('a', 900), handling('a', 2000)];
    const { repeatedBy, handledMoreOften } = account(
      books({ handlings, kills: [brokerKill, { ...consumerKill, consumers: ['consumer-1.1'] }] }),
    );
    expect([[...repeatedBy], handledMoreOften]).toEqual([
      [
        [1, 1],
        [2, 1],
      ],
      1,
    ]);
  });
});

describe('the verdict', () => {
  const given: Parameters<typeof boundsOf>[0] = {
    messages: 1,
    published: 1,
    accounts: account(books({})),
    broker: { unsettled: 0, consumerMadeAt: 0, deadLetters: [] },
    end: { failures: [], repeated: 3, open: 0, consumers: ['consumer-1.1'] },
  };
  const broken = (change: Partial<Outcome>): readonly string[] =>
    judge(boundsOf({ ...given, ...change })).lines.filter((line) => line.startsWith('BROKEN'));

  test('is good where every message is accounted for', () => {
    expect(broken({})).toEqual([]);
  });

  test.each<[string, Partial<Outcome>]>([
    ['a lost message', { accounts: account(books({ published: ['a', 'b'] })) }],
    ['a message that could not be published', { published: 0 }],
    ['a dead letter', { broker: { unsettled: 0, consumerMadeAt: 0, deadLetters: [{ id: 'a', reason: 'TypeError' }] } }],
    ['an unsettled message', { broker: { unsettled: 1, consumerMadeAt: 0, deadLetters: [] } }],
    ['a process that ended by itself', { end: { ...given.end, failures: ['consumer-1.1'] } }],
    ['an open span', { end: { ...given.end, open: 1 } }],
    ['a survivor that did not say', { end: { ...given.end, open: Number.NaN } }],
    ['a repetition without a reason', { accounts: account(books({ handlings: [handling('a', 1), handling('a', 2)] })) }],
  ])('is bad for %s', (_what, change) => {
    expect(broken(change)).toHaveLength(1);
  });

  test('a consumer that was made anew in the broker is told, with the kill before it', () => {
    const kills = [brokerKill, consumerKill].map((kill) => ({ ...kill, handledBefore: 1, recoveryMs: 1 }));
    const linesFor = (consumerMadeAt: number) =>
      accountLines({ ...given, handlings: 1, kills, broker: { ...given.broker, consumerMadeAt } }).filter((line) =>
        line.includes('made anew'),
      );
    expect(linesFor(999)).toEqual([]);
    expect(linesFor(1501)).toEqual(["  the broker's consumer was made anew after kill 1, and began with the first message"]);
  });

  test('a kill is told with what it took and how long', () => {
    const recovered = { ...consumerKill, handledBefore: 120, recoveryMs: 340 };
    expect(killLine(recovered, 18_000)).toBe(
      'kill 2 at 2.0 s, after 120 messages: consumer-1.1, away for 1.0 s; all handled again 0.3 s after the restart',
    );
  });
});

test('a seed is chosen where none is given, and a wrong option is refused', () => {
  const chosen = readChaosOptions([])?.seed ?? -1;
  expect(Number.isSafeInteger(chosen) && chosen >= 0).toBe(true);
  expect(() => readChaosOptions(['--kills', 'many'])).toThrow('--kills must be a whole number of at least 0, received many');
});
