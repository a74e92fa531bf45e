import type { Cancellation } from '../kernel/cancellation.ts';

/** The waits of one life, for what may never end by itself: they can be given up, all at once and for good. */
export class Patience {
  readonly #untilOver: Promise<void>;
  #tellOver: () => void = () => undefined;
  #isOver = false;

  constructor() {
    this.#untilOver = new Promise((resolve) => {
      this.#tellOver = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  giveUp(): void {
    this.#isOver = true;
    this.#tellOver();
  }

  /** Waits for `work`, unless that is given up. */
  waitFor(work: Promise<void>): Promise<void> {
    return Promise.race([work, this.#untilOver]);
  }

  /** Waits for `work`, unless that is given up or `cancellation` aborts. */
  async waitUnless(cancellation: Cancellation, work: Promise<void>): Promise<void> {
    let unsubscribe: () => void = () => undefined;
    const aborted = new Promise<void>((resolve) => {
      unsubscribe = cancellation.subscribe(() => resolve());
    });
    await this.waitFor(Promise.race([work, aborted]));
    unsubscribe();
  }
}
