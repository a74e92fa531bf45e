import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../testing/index.ts';
import type { Delivery, MessageSource, TransportConnection } from '../transport.ts';
import { memoryTransport } from './memory-transport.ts';

const { signal } = new AbortController();
const ackTimeoutMs = 1000;
const prefetch = 3;

type Step =
  | { readonly do: 'publish'; readonly key: number }
  | { readonly do: 'receive'; readonly member: number; readonly max: number }
  | { readonly do: 'ack' | 'extend'; readonly which: number }
  | { readonly do: 'retry'; readonly which: number; readonly delayMs: number }
  | { readonly do: 'replace'; readonly member: number }
  | { readonly do: 'pass'; readonly ms: number };

const member = fc.nat(2);
const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish'), key: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('receive'), member, max: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('ack', 'extend'), which }) },
  fc.record({ do: fc.constant('retry'), which, delayMs: fc.constantFrom(0, 1, 700, 2500) }),
  fc.record({ do: fc.constant('replace'), member }),
  fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1, 400, 999, 1500) }),
);

/** Traffic through one group of three members, with what must hold after each step; a message counts as unsettled as long as its consumer may settle it. */
class Traffic {
  readonly clock: FakeClock;
  readonly #connection: TransportConnection;
  readonly #members: MessageSource[] = [];
  readonly #published: string[] = [];
  readonly #acknowledged: string[] = [];
  #held: { readonly delivery: Delivery; readonly member: number; untilMs: number }[] = [];

  constructor(clock: FakeClock, connection: TransportConnection) {
    this.clock = clock;
    this.#connection = connection;
  }

  async join(at: number): Promise<void> {
    this.#members[at] = await this.#connection.subscribe('orders', { group: 'readers', prefetch, signal });
  }

  async take(given: Step): Promise<void> {
    if (given.do === 'publish') await this.#publish(given.key);
    else if (given.do === 'receive') await this.#receive(given.member, given.max);
    else if (given.do === 'replace') await this.#replace(given.member);
    else if (given.do === 'pass') await this.clock.advance(given.ms);
    else await this.#settle(given);
    this.#held = this.#held.filter(({ untilMs }) => untilMs > this.clock.monotonic());
    this.#judge();
  }

  async end(): Promise<void> {
    for (let round = 0; round < 1000 && this.#acknowledged.length < this.#published.length; round += 1) {
      for (let at = 0; at < 3; at += 1) await this.#receive(at, 4);
      while (this.#held.length > 0) await this.#settle({ do: 'ack', which: 0 });
      await this.clock.advance(500);
    }
    expect(this.#acknowledged.toSorted()).toEqual(this.#published.toSorted());
    for (const key of keysOf(this.#published)) {
      expect(this.#acknowledged.filter((id) => keyOf(id) === key)).toEqual(this.#published.filter((id) => keyOf(id) === key));
    }
    expect(this.clock.pending).toBe(0);
  }

  async #publish(key: number): Promise<void> {
    // Key 0 stands for none: each such message is a line of its own.
    const count = this.#published.length;
    const id = key === 0 ? `${count}:own ${count}` : `${count}:${key}`;
    this.#published.push(id);
    const message = { id, key: key === 0 ? undefined : `${key}`, body: new Uint8Array(), headers: {} };
    await this.#connection.publish('orders', message, signal);
  }

  async #receive(at: number, max: number): Promise<void> {
    const stop = new AbortController();
    const receiving = this.#members[at]?.receive(max, stop.signal);
    stop.abort();
    const untilMs = this.clock.monotonic() + ackTimeoutMs;
    for (const delivery of (await receiving) ?? []) this.#held.push({ delivery, member: at, untilMs });
  }

  async #replace(at: number): Promise<void> {
    await this.#members[at]?.close();
    this.#held = this.#held.filter((held) => held.member !== at);
    await this.join(at);
  }

  async #settle(given: Extract<Step, { readonly which: number }>): Promise<void> {
    const chosen = this.#held[given.which % Math.max(1, this.#held.length)];
    if (chosen === undefined) return;
    if (given.do === 'extend') {
      chosen.untilMs = this.clock.monotonic() + ackTimeoutMs;
      return chosen.delivery.extend();
    }
    this.#held = this.#held.filter((held) => held !== chosen);
    if (given.do === 'retry') return chosen.delivery.retry(given.delayMs);
    this.#acknowledged.push(chosen.delivery.id);
    await chosen.delivery.ack();
  }

  #judge(): void {
    const ids = this.#held.map(({ delivery }) => delivery.id);
    expect(new Set(ids.map(keyOf)).size, 'two messages of one key are unsettled at a time').toBe(ids.length);
    for (let at = 0; at < 3; at += 1) {
      expect(this.#held.filter((held) => held.member === at).length).toBeLessThanOrEqual(prefetch);
    }
  }
}

const keyOf = (id: string): string => id.slice(id.indexOf(':'));
const keysOf = (ids: readonly string[]): ReadonlySet<string> => new Set(ids.map(keyOf));

test('whatever members do, each message is acknowledged once in the end, those of a key one by one and in order, and no timer is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = fakeClock();
      const connection = await memoryTransport({ clock, ackTimeoutMs }).connect({ clientName: 'test', signal });
      const traffic = new Traffic(clock, connection);
      for (let at = 0; at < 3; at += 1) await traffic.join(at);
      for (const given of steps) await traffic.take(given);
      await traffic.end();
    }),
    { numRuns: 150 },
  );
});
