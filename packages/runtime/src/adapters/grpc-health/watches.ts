import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ServingStatus } from './service-statuses.ts';

export interface HealthCheckRequest {
  readonly service: string;
}

export interface HealthCheckResponse {
  readonly status: ServingStatus | 'SERVICE_UNKNOWN';
}

type WatchCall = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/** How often liveness is looked at while somebody watches; no event tells of it. Milliseconds. */
const longestPollMs = 1000;

export interface WatchesOptions {
  readonly statusOf: (service: string) => ServingStatus | undefined;
  readonly maxStallMs: number;
}

/** Everybody who watches: each is told the status of its service at once, and again whenever it has changed. */
export class Watches {
  readonly #statusOf: (service: string) => ServingStatus | undefined;
  readonly #pollMs: number;
  /** What each was told last. */
  readonly #told = new Map<WatchCall, HealthCheckResponse['status']>();
  #poll: NodeJS.Timeout | undefined;

  constructor({ statusOf, maxStallMs }: WatchesOptions) {
    this.#statusOf = statusOf;
    this.#pollMs = Math.min(longestPollMs, maxStallMs);
  }

  add(call: WatchCall): void {
    call.on('drain', () => this.#tell(call));
    call.once('close', () => this.#remove(call));
    this.#tell(call);
    this.#poll ??= setInterval(() => this.refresh(), this.#pollMs).unref();
  }

  /** Tells everybody what has changed. */
  refresh(): void {
    for (const call of this.#told.keys()) this.#tell(call);
  }

  /** Ends every watch, with what it was told last. */
  end(): void {
    for (const call of this.#told.keys()) {
      this.#remove(call);
      call.end();
    }
  }

  #tell(call: WatchCall): void {
    const status = this.#statusOf(call.request.service) ?? 'SERVICE_UNKNOWN';
    // Who reads slowly gets the latest, not all that was.
    if (status === this.#told.get(call) || call.writableNeedDrain) return;
    this.#told.set(call, status);
    call.write({ status });
  }

  #remove(call: WatchCall): void {
    this.#told.delete(call);
    if (this.#told.size > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}
