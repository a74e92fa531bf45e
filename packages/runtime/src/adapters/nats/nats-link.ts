import type { NatsConnection } from '@nats-io/nats-core';
import { systemClock } from '../../kernel/clock.ts';
import { abortable } from './abortable.ts';
import { natsError, said } from './nats-error.ts';

/** The client's connection, and whether it is up: the client restores it by itself, and says so only to those who listen. */
export class NatsLink {
  readonly client: NatsConnection;
  readonly servers: readonly string[];
  readonly #timeoutMs: number;
  readonly #listeners = new Set<() => void>();
  #isUp = true;

  constructor(
    client: NatsConnection,
    { servers, requestTimeoutMs }: { readonly servers: readonly string[]; readonly requestTimeoutMs: number },
  ) {
    this.client = client;
    this.servers = servers;
    this.#timeoutMs = requestTimeoutMs;
    void this.#watch();
  }

  get isUp(): boolean {
    return this.#isUp && !this.client.isClosed();
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Calls `listener` whenever the connection is lost, and when it is back. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for a connection that is lost to be back. */
  async whenUp(signal: AbortSignal): Promise<void> {
    if (this.isUp) return;
    let release = (): void => undefined;
    const up = new Promise<void>((resolve, reject) => {
      const cancel = systemClock.setTimer(() => reject(this.lost()), this.#timeoutMs);
      const forget = this.onChange(() => {
        if (this.isUp) resolve();
        else if (this.client.isClosed()) reject(this.lost());
      });
      release = () => {
        cancel();
        forget();
      };
    });
    try {
      await abortable(up, signal);
    } finally {
      release();
    }
  }

  /** Tells the server something about a message, and waits until it has heard it. */
  async tell(subject: string, payload: string): Promise<void> {
    try {
      await this.client.request(subject, payload, { timeout: this.#timeoutMs });
    } catch (error) {
      throw natsError(`the NATS server did not confirm what became of a message: ${said(error)}`, { cause: error });
    }
  }

  /** Resolves when the server has seen all that was sent, or will not say so in time. */
  async flush(): Promise<void> {
    if (!this.isUp) return;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = systemClock.setTimer(resolve, this.#timeoutMs)));
    // A connection that is lost has seen what it has seen.
    await Promise.race([this.client.flush().catch(() => undefined), late]);
    cancel();
  }

  lost(): ReturnType<typeof natsError> {
    const { servers } = this;
    return natsError(`the connection to NATS at ${servers.join(', ')} is lost; the client goes on trying to restore it`, {
      data: { servers },
    });
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.client.status()) {
      if (type === 'disconnect' || type === 'reconnect') this.#change(type === 'reconnect');
    }
    this.#change(false);
  }

  #change(isUp: boolean): void {
    this.#isUp = isUp;
    for (const listener of [...this.#listeners]) listener();
  }
}
