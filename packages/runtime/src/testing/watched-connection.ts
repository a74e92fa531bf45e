import type { Delivery, MessageSource, OutgoingMessage, SubscribeOptions, TransportConnection } from '../component/transport.ts';
import { TracewrightError } from '../kernel/errors.ts';

/** A message that was published. */
export interface SentMessage extends OutgoingMessage {
  readonly destination: string;
  /** The body read as JSON. Throws where it is none. */
  readonly payload: unknown;
}

/** What a consumer has said of a delivery; said too late, it changes nothing in the broker. */
export interface SettledMessage {
  readonly destination: string;
  readonly group: string;
  readonly id: string;
  readonly attempt: number;
  readonly settlement: 'ack' | 'retry';
  /** Only of `retry`. */
  readonly delayMs?: number;
}

const decoder = new TextDecoder();

/** What a test looks into. */
export interface BrokerLog {
  readonly sent: SentMessage[];
  readonly settled: SettledMessage[];
  readonly interruptions: Set<symbol>;
}

/** @throws {TracewrightError} `TW_TRANSPORT` while the broker is interrupted */
export function requireReachable({ interruptions }: BrokerLog): void {
  if (interruptions.size > 0)
    throw new TracewrightError('TW_TRANSPORT', 'the test has interrupted the broker', { data: { system: 'memory' } });
}

/** A connection that writes down what goes over it. */
export class WatchedConnection implements TransportConnection {
  readonly #connection: TransportConnection;
  readonly #log: BrokerLog;

  constructor(connection: TransportConnection, log: BrokerLog) {
    this.#connection = connection;
    this.#log = log;
  }

  async publish(destination: string, message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    requireReachable(this.#log);
    await this.#connection.publish(destination, message, signal);
    const body = message.body.slice();
    const headers = Object.freeze({ ...message.headers });
    this.#log.sent.push({
      ...message,
      destination,
      body,
      headers,
      get payload() {
        return JSON.parse(decoder.decode(body)) as unknown;
      },
    });
  }

  async subscribe(destination: string, options: SubscribeOptions): Promise<MessageSource> {
    requireReachable(this.#log);
    return watchedSource(await this.#connection.subscribe(destination, options), { log: this.#log, destination, group: options.group });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

interface Watch {
  readonly log: BrokerLog;
  readonly destination: string;
  readonly group: string;
}

function watchedSource(source: MessageSource, watch: Watch): MessageSource {
  return {
    async receive(max, signal) {
      requireReachable(watch.log);
      const deliveries = await source.receive(max, signal);
      if (watch.log.interruptions.size > 0) await Promise.all(deliveries.map((delivery) => delivery.retry(0)));
      requireReachable(watch.log);
      return deliveries.map((delivery) => new WatchedDelivery(delivery, watch));
    },
    close: () => source.close(),
  };
}

/** A delivery that writes down what becomes of it. */
class WatchedDelivery implements Delivery {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempt: number;
  readonly publishedAt: number | undefined;
  readonly #delivery: Delivery;
  readonly #watch: Watch;
  #isSettled = false;

  constructor(delivery: Delivery, watch: Watch) {
    const { id, key, body, headers, attempt, publishedAt } = delivery;
    this.id = id;
    this.key = key;
    this.body = body;
    this.headers = headers;
    this.attempt = attempt;
    this.publishedAt = publishedAt;
    this.#delivery = delivery;
    this.#watch = watch;
  }

  async ack(): Promise<void> {
    await this.#delivery.ack();
    this.#note({ settlement: 'ack' });
  }

  async retry(delayMs: number): Promise<void> {
    await this.#delivery.retry(delayMs);
    this.#note({ settlement: 'retry', delayMs });
  }

  extend(): Promise<void> {
    return this.#delivery.extend();
  }

  /** Only the first settlement counts. */
  #note(told: Pick<SettledMessage, 'settlement' | 'delayMs'>): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { log, destination, group } = this.#watch;
    log.settled.push({ destination, group, id: this.id, attempt: this.attempt, ...told });
  }
}
