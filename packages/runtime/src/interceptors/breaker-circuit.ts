/** `half-open`: calls are let through on trial. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** The options of a breaker, checked. */
export interface CircuitRules {
  /** One after the other, or a share of so many calls. */
  readonly failures: number | { readonly share: number; readonly of: number };
  readonly openMs: number;
  readonly trials: number;
}

/** What a call says about what the breaker guards; `unknown` where it ended for other reasons. */
export type Verdict = 'success' | 'failure' | 'unknown';

type State =
  | { readonly at: 'closed'; readonly tally: Tally }
  | { readonly at: 'open'; readonly untilMs: number }
  | { readonly at: 'half-open'; readonly untilMs: number; running: number };

/** Whether calls are let through, by what calls before them said. Times are monotonic, in milliseconds. */
export class Circuit {
  readonly #rules: CircuitRules;
  #state: State;
  /** Counts states. A call tells of the state in which it began: a late answer says nothing about a later one. */
  #pass = 0;

  constructor(rules: CircuitRules) {
    this.#rules = rules;
    this.#state = { at: 'closed', tally: tallyFor(rules.failures) };
  }

  get state(): BreakerState {
    return this.#state.at;
  }

  /** The pass of a call that is let through. Whoever has one tells how it ended, once. */
  admit(now: number): number | undefined {
    const state = this.#state;
    if (state.at === 'closed') return this.#pass;
    if (state.at === 'half-open' && state.running < this.#rules.trials) {
      state.running += 1;
      return this.#pass;
    }
    // Trials that have not ended by then say nothing any more.
    if (now < state.untilMs) return undefined;
    this.#enter({ at: 'half-open', untilMs: now + this.#rules.openMs, running: 1 });
    return this.#pass;
  }

  /** How long it is at the latest until a call is let through again, in milliseconds. */
  retryAfterMs(now: number): number {
    return this.#state.at === 'closed' ? 0 : Math.max(0, this.#state.untilMs - now);
  }

  tell(pass: number, verdict: Verdict, now: number): void {
    if (pass !== this.#pass) return;
    const state = this.#state;
    switch (state.at) {
      case 'closed':
        if (verdict !== 'unknown' && state.tally.tooMany(verdict === 'failure')) this.#open(now);
        return;
      case 'half-open':
        if (verdict === 'unknown') state.running -= 1;
        else if (verdict === 'failure') this.#open(now);
        else this.#enter({ at: 'closed', tally: tallyFor(this.#rules.failures) });
        return;
      case 'open':
        // No call begins in it.
        return;
    }
  }

  #open(now: number): void {
    this.#enter({ at: 'open', untilMs: now + this.#rules.openMs });
  }

  #enter(state: State): void {
    this.#state = state;
    this.#pass += 1;
  }
}

interface Tally {
  /** Counts a call, and says whether too many have failed. */
  tooMany(failed: boolean): boolean;
}

function tallyFor(failures: CircuitRules['failures']): Tally {
  return typeof failures === 'number' ? consecutive(failures) : shareOf(failures);
}

function consecutive(max: number): Tally {
  let failures = 0;
  return {
    tooMany(failed) {
      failures = failed ? failures + 1 : 0;
      return failures >= max;
    },
  };
}

/** Over the last calls, once there are so many. */
function shareOf({ share, of }: { readonly share: number; readonly of: number }): Tally {
  const last: boolean[] = [];
  let oldest = 0;
  let failures = 0;
  return {
    tooMany(failed) {
      if (last[oldest] === true) failures -= 1;
      last[oldest] = failed;
      oldest = (oldest + 1) % of;
      if (failed) failures += 1;
      return last.length === of && failures / of >= share;
    },
  };
}
