import type { NatsConnection } from '@nats-io/nats-core';
import { systemClock } from '../../kernel/clock.ts';
import { abortable } from '../../kernel/abortable.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import { answered } from './answered.ts';
import { natsError, said } from './nats-error.ts';

const yes = (): boolean => true;

/** A close flushes three times, one after the other, and a process that ends has seconds. */
const maxFlushMs = 2000;

/** The client's connection, and whether it is up: the client restores it by itself, and says so only to those who listen. */
export class NatsLink {
  readonly client: NatsConnection;
  readonly servers: readonly string[];
  readonly #timeoutMs: number;
  readonly #listeners = new Set<() => void>();
  #isUp = true;
  /** Nobody restores it any more. */
  #isOver = false;

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

  /**
   * Waits for a connection that is lost to be back, `patienceMs` at most.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` when it is not back by then, or closed; the reason of `signal`
   */
  async whenUp(signal: AbortSignal | undefined, patienceMs = this.#timeoutMs): Promise<void> {
    if (this.isUp) return;
    if (this.#isOver || this.client.isClosed()) throw this.lost();
    let release = (): void => undefined;
    const up = new Promise<void>((resolve, reject) => {
      const cancel = systemClock.setTimer(() => reject(this.lost()), Math.max(0, patienceMs));
      const forget = this.onChange(() => {
        if (this.isUp) resolve();
        else if (this.#isOver) reject(this.lost());
      });
      release = () => {
        cancel();
        forget();
      };
    });
    try {
      await (signal === undefined ? up : abortable(up, signal));
    } finally {
      release();
    }
  }

  /**
   * Tells the server something about a message, and waits until it has heard it; it may hear it twice. Waits for a connection that is lost, and tells it again
   * after a loss, as `answered` does.
   *
   * @param isWanted asked before each time: when it says no, nothing is told any more
   * @returns whether the server has heard it
   * @throws {TracewrightError} `TW_TRANSPORT` when nobody knows
   */
  tell(subject: string, payload: string, isWanted = yes): Promise<boolean> {
    const ask = (restMs: number): Promise<boolean> =>
      isWanted() ? this.client.request(subject, payload, { timeout: restMs }).then(yes) : Promise.resolve(false);
    return answered(this, ask).catch((error: unknown) => {
      throw natsError(`the NATS server did not confirm what became of a message: ${said(error)}`, { cause: error });
    });
  }

  /** Resolves when the server has seen all that was sent, or will not say so in time. */
  async flush(): Promise<void> {
    if (!this.isUp) return;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = systemClock.setTimer(resolve, Math.min(this.#timeoutMs, maxFlushMs))));
    // A connection that is lost has seen what it has seen.
    await Promise.race([this.client.flush().catch(() => undefined), late]);
    cancel();
  }

  lost(): ReturnType<typeof natsError> {
    const { servers } = this;
    const what = this.#isOver || this.client.isClosed() ? 'closed' : 'lost; the client goes on trying to restore it';
    return natsError(`the connection to NATS at ${servers.join(', ')} is ${what}`, { data: { servers } });
  }

  async #watch(): Promise<void> {
    for await (const status of this.client.status()) {
      if (status.type === 'disconnect' || status.type === 'reconnect') this.#change(status.type === 'reconnect');
      // A permission that is missing is told here and nowhere else.
      else if (status.type === 'error') reportFault(`the NATS server at ${this.servers.join(', ')} reports a mistake`, status.error);
    }
    this.#isOver = true;
    this.#change(false);
  }

  #change(isUp: boolean): void {
    this.#isUp = isUp;
    for (const listener of [...this.#listeners]) listener();
  }
}
