import { Cancellation } from '../../kernel/cancellation.ts';
import { Bell } from './bell.ts';

/** Whether messages are taken: not while it lasts. */
export class Pause {
  #lasts = false;
  /** Told when it begins and when it ends. */
  onChange: (lasts: boolean) => void = () => undefined;
  /** What is asked for until it begins the next time. */
  #wanted: Cancellation | undefined;
  readonly #over = new Bell();

  begin(): void {
    this.#lasts = true;
    this.onChange(true);
    this.#wanted?.abort(undefined);
    this.#wanted = undefined;
  }

  end(): void {
    this.#lasts = false;
    this.onChange(false);
    this.#over.ring();
  }

  /**
   * Resolves when it does not last, at the latest when `grace` aborts: with a signal that aborts with `grace`, and when it begins again. Only one may wait at a time;
   * `grace` is the same each time.
   */
  async over(grace: AbortSignal): Promise<AbortSignal> {
    while (this.#lasts && !grace.aborted) await this.#over.wait(grace);
    this.#wanted ??= new Cancellation(undefined, grace);
    return this.#wanted.signal;
  }

  /** Takes the listener off `grace`. */
  release(): void {
    this.#wanted?.release();
  }
}
