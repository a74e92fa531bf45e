/** Commits one after the other: who asks while one is under way shares the next one with all others who do. */
export class OffsetCommits {
  readonly #commit: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param commit commits all that is settled when it is called */
  constructor(commit: () => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when what is settled now is committed. */
  request(): Promise<void> {
    if (this.#next === undefined) {
      const next = this.#last.then(() => {
        this.#next = undefined;
        return this.#commit();
      });
      this.#next = next;
      // Who has asked is told of a failure; the next one is a new attempt.
      this.#last = next.catch(() => undefined);
    }
    return this.#next;
  }
}
