/** One step in the life of a ticket, as those who follow it see it. `answered` and `failed` are the last. */
export interface ProgressEvent {
  readonly name: 'queued' | 'working' | 'text' | 'answered' | 'failed';
  readonly data: Readonly<Record<string, string>>;
}

/** The history of one ticket. Whoever follows it, early or late, sees all of it, each at a pace of their own. */
export class Progress {
  readonly #events: ProgressEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #finished = false;

  add(event: ProgressEvent): void {
    if (this.#finished) return;
    this.#events.push(event);
    this.#finished = event.name === 'answered' || event.name === 'failed';
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * All events from the first to the last; waits for those to come.
   *
   * @throws the reason of `signal` once it aborts
   */
  async *follow(signal: AbortSignal): AsyncGenerator<ProgressEvent, void, undefined> {
    let seen = 0;
    while (true) {
      const event = this.#events[seen];
      if (event !== undefined) {
        seen += 1;
        yield event;
      } else if (this.#finished) {
        return;
      } else {
        await this.#nextEvent(signal);
      }
    }
  }

  #nextEvent(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle = (answer: () => void) => (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', leave);
        answer();
      };
      const wake = settle(resolve);
      const leave = settle(() => reject(signal.reason));
      this.#waiting.add(wake);
      signal.addEventListener('abort', leave);
    });
  }
}
