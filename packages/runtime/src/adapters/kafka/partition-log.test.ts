import * as fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import type { FetchedBatch } from './fetched-batch.ts';
import { PartitionLog, type TakenMessage } from './partition-log.ts';

const record = (offset: number, timestamp = `${1000 + offset}`): KafkaMessage => ({
  key: null,
  value: Buffer.from(String(offset)),
  timestamp,
  attributes: 0,
  offset: String(offset),
  headers: {},
});

/** What was fetched with these messages, of a partition that ends with them unless said otherwise. */
const batch = (
  messages: readonly KafkaMessage[],
  lastOffset = Number(messages.at(-1)?.offset ?? -1),
  highWatermark = lastOffset + 1,
): FetchedBatch => ({
  messages,
  lastOffset,
  highWatermark,
});

const commit = (log: PartitionLog): void => log.committed(log.uncommitted ?? 0, log.age);

function logOf(...offsets: readonly number[]): PartitionLog {
  const log = new PartitionLog(0);
  log.add(batch(offsets.map((offset) => record(offset))));
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
  log.add(batch([record(0)], 2));
  takeAll(log).forEach((taken) => log.settle(taken));
  expect(log.uncommitted).toBe(3);
});

test('what comes a second time after a rebalance is given out once, whether it waits, is held, or is settled and not committed', () => {
  const log = logOf(0, 1, 2, 3);
  const [zero, one] = [log.take(), log.take()] as [TakenMessage, TakenMessage]; // There are four.
  log.settle(one);
  log.add(batch([record(0), record(1), record(2), record(3), record(4)]));
  expect(offsetsOf(takeAll(log))).toEqual([2, 3, 4]);
  log.settle(zero);
  expect(log.uncommitted).toBe(2);
});

test('a topic that was removed and is there again begins anew, and what was held of the old one settles into nothing', () => {
  const log = logOf(0, 1, 2);
  const [old] = takeAll(log) as [TakenMessage]; // There are three.
  log.add(batch([record(0, '9000'), record(1, '9001')]));
  const anew = takeAll(log);
  expect(offsetsOf(anew)).toEqual([0, 1]);
  expect([log.settle(old), log.uncommitted, log.held]).toEqual([false, undefined, 2]);
});

test('a batch that was fetched before a commit and comes after it gives out nothing again, and what is held counts as before', () => {
  const log = logOf(0, 1, 2, 3);
  const [zero, one] = [log.take(), log.take()] as [TakenMessage, TakenMessage]; // There are four.
  log.settle(zero);
  commit(log);
  log.add(batch([record(0), record(1), record(2), record(3)]));
  expect(offsetsOf(takeAll(log))).toEqual([2, 3]);
  expect([log.settle(one), log.uncommitted]).toEqual([true, 2]);
});

test('a topic that was removed and is there again begins anew where all of the old one was committed, too, and a late commit of that passes nothing', () => {
  const log = logOf(0, 1, 2);
  const { age } = log;
  takeAll(log).forEach((taken) => log.settle(taken));
  commit(log);
  log.add(batch([record(0, '9000'), record(1, '9001')]));
  log.committed(3, age);
  const anew = takeAll(log);
  expect(offsetsOf(anew)).toEqual([0, 1]);
  anew.forEach((taken) => log.settle(taken));
  expect(log.uncommitted).toBe(2);
});

test('no message is given out that is too far ahead of one that is not settled', () => {
  const log = new PartitionLog(0);
  log.add(batch(Array.from({ length: 10_010 }, (_, offset) => record(offset))));
  expect([log.takable, log.isAmple]).toEqual([10_000, true]);
  const taken = takeAll(log);
  expect(taken).toHaveLength(10_000);
  taken.slice(1).forEach((each) => log.settle(each));
  expect([log.take(), log.takable, log.isAmple]).toEqual([undefined, 0, true]);
  const [head] = taken as [TakenMessage]; // There are ten thousand.
  log.settle(head);
  commit(log);
  expect([log.takable, log.isAmple]).toEqual([10, false]);
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
        if (act === 'fetch') log.add(batch([record(published++)]));
        if (act === 'take') held = [...held, ...[log.take()].flatMap((taken) => taken ?? [])];
        if (act === 'commit') log.committed((committed = log.uncommitted ?? committed), log.age);
        // As after a rebalance, fetched at once or some commits ago.
        const since = Math.max(0, committed - which);
        if (act === 'again' && published > since) log.add(batch(Array.from({ length: published - since }, (_, at) => record(since + at))));
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
