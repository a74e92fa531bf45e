import { requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import type { Clock } from '../kernel/clock.ts';

export interface HeartbeatOptions {
  /** The longest that may lie between two beats, in milliseconds. */
  readonly withinMs: number;
}

/** A promise to beat. Disposing of it stops it. */
export interface Heartbeat extends Disposable {
  readonly name: string;
  /** Keeps the promise for another `withinMs`. Cheap enough for each round of a loop. */
  beat(): void;
  /** Takes the promise back, for good: whoever goes on after a pause promises anew. */
  stop(): void;
}

/** How a promise to beat stands. */
export interface HeartbeatReport {
  readonly name: string;
  /** How long ago the last beat was, or the promise where there was none, in milliseconds. */
  readonly ageMs: number;
  readonly withinMs: number;
  /** Whether that is longer ago than promised. */
  readonly isOverdue: boolean;
}

export function requireHeartbeatOptions(options: HeartbeatOptions): HeartbeatOptions {
  requireKnownKeys('options', requirePlainObject('options', options), ['withinMs']);
  return { withinMs: requirePositive('withinMs', options.withinMs) };
}

/** What one life has promised, in the order of the promises: bookkeeping only, without a timer. */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #promised = new Set<PromisedHeartbeat>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  promise(name: string, { withinMs }: HeartbeatOptions): Heartbeat {
    const heartbeat = new PromisedHeartbeat(name, { withinMs, clock: this.#clock, onStop: (stopped) => this.#promised.delete(stopped) });
    this.#promised.add(heartbeat);
    return heartbeat;
  }

  report(): HeartbeatReport[] {
    const nowMs = this.#clock.monotonic();
    return Array.from(this.#promised, (heartbeat) => heartbeat.reportAt(nowMs));
  }
}

interface PromiseParts extends HeartbeatOptions {
  readonly clock: Clock;
  onStop(heartbeat: PromisedHeartbeat): void;
}

class PromisedHeartbeat implements Heartbeat {
  readonly name: string;
  readonly #parts: PromiseParts;
  #lastMs: number;

  constructor(name: string, parts: PromiseParts) {
    this.name = name;
    this.#parts = parts;
    this.#lastMs = parts.clock.monotonic();
  }

  beat(): void {
    this.#lastMs = this.#parts.clock.monotonic();
  }

  stop(): void {
    this.#parts.onStop(this);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  reportAt(nowMs: number): HeartbeatReport {
    const { withinMs } = this.#parts;
    const ageMs = nowMs - this.#lastMs;
    return Object.freeze({ name: this.name, ageMs: Math.round(ageMs), withinMs, isOverdue: ageMs > withinMs });
  }
}
