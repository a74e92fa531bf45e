import type { Clock } from '../../kernel/clock.ts';
import { Delayed } from './delayed.ts';
import { Holding } from './holding.ts';
import { StartRate } from './start-rate.ts';

/** What is done with an item: it is done with, or wanted again after so many milliseconds, in its lane's first place. */
export type Turn = 'done' | { readonly againAfterMs: number };

/** Gives what it holds its turns. */
export interface TurnTaking<Item> {
  readonly holding: Holding;
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
  readonly #working = new Set<Item>();
  #closed = false;
  #isHeld = false;
  #onIdle: (() => void) | undefined;

  constructor(rules: TurnRules<Item>) {
    this.#rules = rules;
    this.#rate = new StartRate(rules.perSecond, rules.clock, () => this.#begin());
    this.#delayed = new Delayed(rules.clock, (item) => {
      this.#ready.push(item);
      this.#begin();
    });
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
    this.holding.remove(left.length);
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
    if (turn === 'done' || this.#closed) this.#leave(held);
    else this.#delayed.add(held, turn.againAfterMs);
    this.#begin();
    if (this.#working.size === 0) this.#onIdle?.();
  }

  #leave({ lane }: Held<Item>): void {
    if (lane !== undefined) {
      const next = this.#lanes.get(lane)?.shift();
      if (next === undefined) this.#lanes.delete(lane);
      else this.#ready.push(next);
    }
    this.holding.remove();
  }
}
