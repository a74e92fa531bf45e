import type { Clock } from '../../kernel/clock.ts';
import { requireCount, requireText } from '../../kernel/check.ts';
import type { MessageSource, OutgoingMessage, SubscribeOptions, TransportConnection } from '../transport.ts';
import { brokerError } from './broker-error.ts';
import type { Destination } from './destination.ts';
import { MemorySource } from './memory-source.ts';
import { storeMessage } from './stored-message.ts';

export interface MemoryConnectionOptions {
  readonly clientName: string;
  readonly clock: Clock;
  readonly destination: (name: string) => Destination;
}

/** One user of the broker: it closes what it has opened itself, and nothing else. */
export class MemoryConnection implements TransportConnection {
  readonly #options: MemoryConnectionOptions;
  readonly #sources = new Set<MemorySource>();
  #isClosed = false;

  constructor(options: MemoryConnectionOptions) {
    this.#options = options;
  }

  async publish(destination: string, message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    this.#requireOpen();
    signal.throwIfAborted();
    const stored = storeMessage(message, this.#options.clock.now());
    this.#destination(destination).publish(stored);
  }

  async subscribe(destination: string, { group, prefetch, signal }: SubscribeOptions): Promise<MessageSource> {
    this.#requireOpen();
    signal.throwIfAborted();
    requireText('group', group);
    requireCount('prefetch', prefetch);
    const source = new MemorySource(this.#destination(destination).group(group), { prefetch, onClosed: this.#forget });
    this.#sources.add(source);
    return source;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sources].map((source) => source.close()));
  }

  readonly #forget = (source: MemorySource): void => {
    this.#sources.delete(source);
  };

  #destination(name: string): Destination {
    return this.#options.destination(requireText('destination', name));
  }

  #requireOpen(): void {
    if (!this.#isClosed) return;
    const { clientName } = this.#options;
    throw brokerError(`the connection of "${clientName}" to the memory transport is closed`, { clientName });
  }
}
