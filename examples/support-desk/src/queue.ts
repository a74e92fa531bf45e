/** An in-memory queue between those who offer and those who take. Each item goes to one taker; a closed queue gives what it holds, then ends. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #closed = false;

  /** How many items wait for a taker. */
  get size(): number {
    return this.#items.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @returns false when the queue is closed: the item was not taken */
  offer(item: T): boolean {
    if (this.#closed) return false;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker({ done: false, value: item });
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined });
  }

  /** Takes what nobody has taken yet. */
  clear(): readonly T[] {
    return this.#items.splice(0);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.#take() };
  }

  #take(): Promise<IteratorResult<T, undefined>> {
    const [item] = this.#items;
    if (item !== undefined) {
      this.#items.shift();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}
