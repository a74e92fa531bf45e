import type { Clock } from '../../kernel/clock.ts';
import { Delayed } from './delayed.ts';
import { Holding } from './holding.ts';
import { StartRate } from './start-rate.ts';
import type { TurnTaking } from './turns.ts';

export interface BatchRules<Item> {
  /** How many batches are worked on at the same time. */
  readonly concurrency: number;
  /** How many batches begin within any second; no limit where it is absent. */
  readonly perSecond: number | undefined;
  readonly clock: Clock;
  /** How many items a batch has at most. */
  readonly size: number;
  /** How long an item waits for others, in milliseconds. */
  readonly waitMs: number;
  /** How many may wait to be tried again without being counted as held. */
  readonly beside: number;
  /** Never rejects. Gives the items that are wanted again, and after how many milliseconds. */
  readonly work: (batch: readonly Item[]) => Promise<ReadonlyMap<Item, number>>;
}

/** Collects items, and gives them their turns together: when there are enough of them, or the first one has waited long enough. In the order in which they came. */
export class BatchTurns<Item> implements TurnTaking<Item> {
  readonly holding = new Holding();
  readonly #rules: BatchRules<Item>;
  readonly #rate: StartRate;
  readonly #ready: Item[] = [];
  readonly #delayed: Delayed<Item>;
  /** Of those that wait to be tried again, the ones that are not counted. */
  readonly #beside = new Set<Item>();
  readonly #working = new Set<readonly Item[]>();
  /** Set while the first item waits for others. */
  #stopWaiting: (() => void) | undefined;
  /** Whether the first item has waited long enough. */
  #isDue = false;
  #closed = false;
  #isHeld = false;
  #onIdle: (() => void) | undefined;

  constructor(rules: BatchRules<Item>) {
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
    for (const batch of this.#working) yield* batch;
    yield* this.#ready;
    yield* this.#delayed.items;
  }

  async idle(): Promise<void> {
    while (this.#working.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  add(item: Item): void {
    this.holding.add();
    this.#ready.push(item);
    this.#begin();
  }

  close(): readonly Item[] {
    this.#closed = true;
    this.#rate.stop();
    this.#stopWaiting?.();
    const left = [...this.#ready, ...this.#delayed.items];
    this.#ready.length = 0;
    this.#delayed.clear();
    this.holding.remove(left.length - this.#beside.size);
    this.#beside.clear();
    return left;
  }

  #begin(): void {
    const { size } = this.#rules;
    while (this.#mayBegin()) {
      if (!this.#rate.mayStart()) return;
      const batch = this.#ready.splice(0, size);
      this.#isDue = false;
      this.#stopWaiting?.();
      this.#stopWaiting = undefined;
      this.#working.add(batch);
      void this.#rules.work(batch).then((again) => this.#end(batch, again));
    }
    this.#wait();
  }

  #mayBegin(): boolean {
    if (this.#closed || this.#isHeld || this.#working.size >= this.#rules.concurrency) return false;
    return this.#ready.length >= this.#rules.size || (this.#isDue && this.#ready.length > 0);
  }

  #wait(): void {
    if (this.#closed || this.#ready.length === 0 || this.#isDue || this.#stopWaiting !== undefined) return;
    this.#stopWaiting = this.#rules.clock.setTimer(() => {
      this.#stopWaiting = undefined;
      this.#isDue = true;
      this.#begin();
    }, this.#rules.waitMs);
  }

  #end(batch: readonly Item[], again: ReadonlyMap<Item, number>): void {
    this.#working.delete(batch);
    let less = 0;
    for (const item of batch) {
      const ms = again.get(item);
      if (ms === undefined || this.#closed || this.#delay(item, ms)) less += 1;
    }
    this.#begin();
    if (less > 0) this.holding.remove(less);
    if (this.#working.size === 0) this.#onIdle?.();
  }

  #delay(item: Item, ms: number): boolean {
    this.#delayed.add(item, ms);
    if (this.#beside.size >= this.#rules.beside) return false;
    this.#beside.add(item);
    return true;
  }
}
