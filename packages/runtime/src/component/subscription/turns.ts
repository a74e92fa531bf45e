import type { Clock } from '../../kernel/clock.ts';
import { Delayed } from './delayed.ts';
import { Holding } from './holding.ts';
import { StartRate } from './start-rate.ts';

/** What is done with an item: it is done with, or wanted again after so many milliseconds, in its lane's first place. */
export type Turn = 'done' | { readonly againAfterMs: number };

/** Gives what it holds its turns. */
export interface TurnTaking<Item> {
  /** Those that wait to be tried again are not counted, as many as `beside` says. */
  readonly holding: Holding;
  /** Whether another item would begin at once. */
  readonly isIdling: boolean;
  add(item: Item): void;
  /** Lets nobody begin while `isHeld`; those that are worked on go on. */
  hold(isHeld: boolean): void;
  /** Each item that is held. */
  all(): Iterable<Item>;
  /** Lets nobody begin any more, and gives those that have not, or that wait to be tried again. Those that are worked on go on. */
  close(): readonly Item[];
  /** Resolves when nothing is worked on. */
  idle(): Promise<void>;
}

export interface TurnRules<Item> {
  /** How many items are worked on at the same time. */
  readonly concurrency: number;
  /** How many items begin within any second; no limit where it is absent. */
  readonly perSecond: number | undefined;
  readonly clock: Clock;
  /** How many may wait to be tried again without being counted as held: they must not keep others from their turns. */
  readonly beside: number;
  /** Items with the same lane have their turns one after the other, in the order in which they came. */
  readonly laneOf: (item: Item) => string | undefined;
  /** Never rejects. */
  readonly work: (item: Item) => Promise<Turn>;
}

interface Held<Item> {
  readonly item: Item;
  readonly lane: string | undefined;
}

/** Gives items their turns: not too many at once, and those of one lane in order. An item that waits to be tried again keeps its lane, but no place. */
export class Turns<Item> implements TurnTaking<Item> {
  readonly holding = new Holding();
  readonly #rules: TurnRules<Item>;
  readonly #rate: StartRate;
  readonly #ready: Held<Item>[] = [];
  /** Who waits in each lane that is busy, behind the one that has it. */
  readonly #lanes = new Map<string, Held<Item>[]>();
  readonly #delayed: Delayed<Held<Item>>;
  /** Of those that wait to be tried again, the ones that are not counted. */
  readonly #beside = new Set<Held<Item>>();
  readonly #working = new Set<Item>();
  #closed = false;
  #isHeld = false;
  #onIdle: (() => void) | undefined;

  constructor(rules: TurnRules<Item>) {
    this.#rules = rules;
    this.#rate = new StartRate(rules.perSecond, rules.clock, () => this.#begin());
    this.#delayed = new Delayed(rules.clock, (item) => {
      if (this.#beside.delete(item)) this.holding.add();
      this.#ready.push(item);
      this.#begin();
    });
  }

  get isIdling(): boolean {
    return this.#working.size < this.#rules.concurrency;
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#begin();
  }

  *all(): Generator<Item> {
    yield* this.#working;
    for (const { item } of this.#notWorkedOn()) yield item;
  }

  async idle(): Promise<void> {
    while (this.#working.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  add(item: Item): void {
    const held = { item, lane: this.#rules.laneOf(item) };
    this.holding.add();
    const waiting = held.lane === undefined ? undefined : this.#lanes.get(held.lane);
    if (waiting !== undefined) {
      waiting.push(held);
      return;
    }
    if (held.lane !== undefined) this.#lanes.set(held.lane, []);
    this.#ready.push(held);
    this.#begin();
  }

  close(): readonly Item[] {
    this.#closed = true;
    this.#rate.stop();
    const left = this.#notWorkedOn().map(({ item }) => item);
    this.#ready.length = 0;
    this.#delayed.clear();
    for (const waiting of this.#lanes.values()) waiting.length = 0;
    this.holding.remove(left.length - this.#beside.size);
    this.#beside.clear();
    return left;
  }

  #notWorkedOn(): Held<Item>[] {
    return [...this.#ready, ...this.#delayed.items, ...[...this.#lanes.values()].flat()];
  }

  #begin(): void {
    while (!this.#closed && !this.#isHeld && this.#working.size < this.#rules.concurrency) {
      if (this.#ready.length === 0 || !this.#rate.mayStart()) return;
      const held = this.#ready.shift();
      if (held === undefined) return;
      this.#working.add(held.item);
      void this.#rules.work(held.item).then((turn) => this.#end(held, turn));
    }
  }

  #end(held: Held<Item>, turn: Turn): void {
    this.#working.delete(held.item);
    const isLess = turn === 'done' || this.#closed ? this.#leave(held) : this.#delay(held, turn.againAfterMs);
    this.#begin();
    // When others have begun: who asks for more knows then whether there is need.
    if (isLess) this.holding.remove();
    if (this.#working.size === 0) this.#onIdle?.();
  }

  #leave({ lane }: Held<Item>): true {
    if (lane !== undefined) {
      const next = this.#lanes.get(lane)?.shift();
      if (next === undefined) this.#lanes.delete(lane);
      else this.#ready.push(next);
    }
    return true;
  }

  #delay(held: Held<Item>, ms: number): boolean {
    this.#delayed.add(held, ms);
    if (this.#beside.size >= this.#rules.beside) return false;
    this.#beside.add(held);
    return true;
  }
}
