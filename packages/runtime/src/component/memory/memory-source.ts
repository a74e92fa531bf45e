import { requireCount } from '../../kernel/check.ts';
import type { Delivery, MessageSource } from '../transport.ts';
import { brokerError } from './broker-error.ts';
import type { Group } from './group.ts';
import type { QueuedMessage } from './queued-message.ts';

export interface MemorySourceOptions {
  readonly prefetch: number;
  readonly onClosed: (source: MemorySource) => void;
}

/** One member of a group. */
export class MemorySource implements MessageSource {
  readonly #group: Group;
  readonly #prefetch: number;
  readonly #onClosed: (source: MemorySource) => void;
  /** What it was given and has not settled; the group keeps it. */
  readonly held = new Set<QueuedMessage>();
  /** Ends the `receive` that waits. */
  #answer: ((deliveries: readonly Delivery[]) => void) | undefined;
  #isClosed = false;

  constructor(group: Group, { prefetch, onClosed }: MemorySourceOptions) {
    this.#group = group;
    this.#prefetch = prefetch;
    this.#onClosed = onClosed;
    group.join(this);
  }

  get isWaiting(): boolean {
    return this.#answer !== undefined;
  }

  get hasRoom(): boolean {
    return this.held.size < this.#prefetch;
  }

  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    requireCount('max', max);
    if (this.#isClosed || signal.aborted) return [];
    if (this.#answer !== undefined) throw brokerError('receive was called while an earlier call still waits', {});
    const taken = this.#group.take(this, max);
    return taken.length > 0 ? taken : this.#wait(signal);
  }

  /** Ends the waiting. */
  give(deliveries: readonly Delivery[]): void {
    this.#answer?.(deliveries);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.give([]);
    this.#group.leave(this);
    this.#onClosed(this);
  }

  #wait(signal: AbortSignal): Promise<readonly Delivery[]> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.give([]);
      this.#answer = (deliveries) => {
        this.#answer = undefined;
        signal.removeEventListener('abort', onAbort);
        resolve(deliveries);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
