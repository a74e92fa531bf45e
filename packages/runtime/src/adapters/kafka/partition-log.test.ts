import * as fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { PartitionLog, type TakenMessage } from './partition-log.ts';

const record = (offset: number, timestamp = `${1000 + offset}`): KafkaMessage => ({
  key: null,
  value: Buffer.from(String(offset)),
  timestamp,
  attributes: 0,
  offset: String(offset),
  headers: {},
});

function logOf(...offsets: readonly number[]): PartitionLog {
  const log = new PartitionLog(0);
  log.add(
    offsets.map((offset) => record(offset)),
    offsets.at(-1) ?? 0,
  );
  return log;
}

function takeAll(log: PartitionLog): readonly TakenMessage[] {
  const taken: TakenMessage[] = [];
  for (let next = log.take(); next !== undefined; next = log.take()) taken.push(next);
  return taken;
}

const offsetsOf = (taken: readonly TakenMessage[]): readonly number[] => taken.map(({ entry }) => entry.offset);

test('what may be committed ends before the first message that is not settled', () => {
  const log = logOf(4, 5, 6, 9);
  const [four, five, six, nine] = takeAll(log) as [TakenMessage, TakenMessage, TakenMessage, TakenMessage]; // There are four.
  expect(log.settle(five)).toBe(false);
  expect(log.uncommitted).toBeUndefined();
  expect(log.settle(four)).toBe(true);
  expect(log.uncommitted).toBe(6);
  expect(log.settle(nine)).toBe(false);
  // What was compacted away between 6 and 9 is passed as well.
  expect([log.settle(six), log.uncommitted]).toEqual([true, 10]);
});

test('control records behind the last message are passed with it', () => {
  const log = new PartitionLog(0);
  log.add([record(0)], 2);
  takeAll(log).forEach((taken) => log.settle(taken));
  expect(log.uncommitted).toBe(3);
});

test('what comes a second time after a rebalance is given out once, whether it waits, is held, or is settled and not committed', () => {
  const log = logOf(0, 1, 2, 3);
  const [zero, one] = [log.take(), log.take()] as [TakenMessage, TakenMessage]; // There are four.
  log.settle(one);
  log.add([record(0), record(1), record(2), record(3), record(4)], 4);
  expect(offsetsOf(takeAll(log))).toEqual([2, 3, 4]);
  log.settle(zero);
  expect(log.uncommitted).toBe(2);
});

test('a topic that was removed and is there again begins anew, and what was held of the old one settles into nothing', () => {
  const log = logOf(0, 1, 2);
  const [old] = takeAll(log) as [TakenMessage]; // There are three.
  log.add([record(0, '9000'), record(1, '9001')], 1);
  const anew = takeAll(log);
  expect(offsetsOf(anew)).toEqual([0, 1]);
  expect([log.settle(old), log.uncommitted, log.held]).toEqual([false, undefined, 2]);
});

test('a group that was moved back by hand gets again what it had settled', () => {
  const log = logOf(0, 1, 2);
  takeAll(log).forEach((taken) => log.settle(taken));
  log.committed(3);
  log.add([record(1), record(2)], 2);
  expect(offsetsOf(takeAll(log))).toEqual([1, 2]);
});

test('no message is given out that is too far ahead of one that is not settled', () => {
  const log = new PartitionLog(0);
  log.add(
    Array.from({ length: 10_010 }, (_, offset) => record(offset)),
    10_009,
  );
  const taken = takeAll(log);
  expect(taken).toHaveLength(10_000);
  taken.slice(1).forEach((each) => log.settle(each));
  expect(log.take()).toBeUndefined();
  const [head] = taken as [TakenMessage]; // There are ten thousand.
  log.settle(head);
  log.committed(10_000);
  expect(takeAll(log)).toHaveLength(10);
});

test('whatever is taken, given back, settled, committed and fetched again: nothing unsettled is passed, and all of it can be taken', () => {
  const step = fc.record({ act: fc.constantFrom('fetch', 'take', 'settle', 'retry', 'commit', 'again'), which: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const log = new PartitionLog(0);
      const settled = new Set<number>();
      let held: TakenMessage[] = [];
      let published = 0;
      let committed = 0;
      for (const { act, which } of steps) {
        const one = held[which % Math.max(1, held.length)];
        if (act === 'fetch') log.add([record(published++)], published - 1);
        if (act === 'take') held = [...held, ...[log.take()].flatMap((taken) => taken ?? [])];
        if (act === 'commit') log.committed((committed = log.uncommitted ?? committed));
        // As after a rebalance.
        if (act === 'again' && published > committed)
          log.add(
            Array.from({ length: published - committed }, (_, at) => record(committed + at)),
            published - 1,
          );
        if (one === undefined || (act !== 'settle' && act !== 'retry')) continue;
        held = held.filter((taken) => taken !== one);
        if (act === 'retry') log.giveBack(one);
        else settled.add((log.settle(one), one.entry.offset));
      }
      for (let offset = 0; offset < (log.uncommitted ?? committed); offset += 1) expect(settled.has(offset)).toBe(true);
      const rest = offsetsOf(takeAll(log));
      expect(rest).toEqual(rest.toSorted((a, b) => a - b));
      expect([...settled, ...offsetsOf(held), ...rest].toSorted((a, b) => a - b)).toEqual(Array.from({ length: published }, (_, at) => at));
    }),
  );
});
