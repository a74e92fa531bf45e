import { AssertionError, deepEqual, ok } from 'node:assert/strict';
import type { Delivery, MessageSource, OutgoingMessage, TransportConnection } from '../../component/transport.ts';
import type { ContractTerms, TransportUnderTest } from './contract-case.ts';

/** The first looks come quickly, for what is there already; time moves in small steps after that. Milliseconds. */
const firstStepsMs = [0, 1, 2, 5, 10, 25];
const stepMs = 50;

/** How long nothing must come before it is taken that nothing will. Milliseconds. */
const quietMs = 200;

export interface JoinOptions {
  readonly group?: string | undefined;
  readonly prefetch?: number | undefined;
}

/** Work that is waited for later: that it fails meanwhile is no unhandled rejection. */
export class Underway<T> {
  /** Gives what the work came to, or throws what it failed with; `undefined` until it has settled. */
  result: (() => T) | undefined;

  constructor(work: Promise<T>) {
    work.then(
      (value) => {
        this.result = () => value;
      },
      (error: unknown) => {
        this.result = () => {
          throw error;
        };
      },
    );
  }
}

/** One case under way: it keeps what the case opened, and waits for nothing for ever. */
export class Trial {
  readonly destination: string;
  readonly terms: ContractTerms;
  /** For calls that nobody aborts. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly #underTest: TransportUnderTest;
  readonly #connections: TransportConnection[] = [];
  #published = 0;

  constructor(underTest: TransportUnderTest, terms: ContractTerms) {
    this.#underTest = underTest;
    this.terms = terms;
    this.destination = underTest.destination();
  }

  /** The broker's own deadline; a case that needs it is listed only where there is one. */
  get redeliveryMs(): number {
    ok(this.terms.redeliveryMs !== undefined, 'the contract was given no redeliveryMs');
    return this.terms.redeliveryMs;
  }

  get system(): string {
    return this.#underTest.transport.system;
  }

  advance(ms: number): Promise<void> {
    return this.#underTest.advance(ms);
  }

  async connect(signal: AbortSignal = this.signal): Promise<TransportConnection> {
    const connection = await this.settled('connect', this.#underTest.transport.connect({ clientName: 'transport contract', signal }));
    this.#connections.push(connection);
    return connection;
  }

  join(connection: TransportConnection, { group = 'readers', prefetch = 10 }: JoinOptions = {}): Promise<MessageSource> {
    return this.settled('subscribe', connection.subscribe(this.destination, { group, prefetch, signal: this.signal }));
  }

  /** A connection that has joined the group. */
  async consumer(options?: JoinOptions): Promise<MessageSource> {
    return this.join(await this.connect(), options);
  }

  /** Publishes one message, and says what was sent. */
  async publish(connection: TransportConnection, parts: Partial<OutgoingMessage> = {}): Promise<OutgoingMessage> {
    this.#published += 1;
    const id = `message-${this.#published}`;
    const message = { id, body: bytesOf(id), headers: {}, ...parts };
    await this.settled('publish', connection.publish(this.destination, message, this.signal));
    return message;
  }

  /** The next messages of `source`: one at least. */
  async receive(source: MessageSource, max = 1): Promise<readonly Delivery[]> {
    const stop = new AbortController();
    const received = await this.settled('receive', source.receive(max, stop.signal)).catch((error: unknown) => {
      stop.abort();
      throw error;
    });
    ok(received.length > 0, 'receive gave nothing, though it was neither closed nor aborted');
    ok(received.length <= max, `receive(${max}) gave ${received.length} messages`);
    return received;
  }

  /** The next message of `source`. */
  async next(source: MessageSource): Promise<Delivery> {
    const [delivery] = await this.receive(source);
    ok(delivery !== undefined);
    return delivery;
  }

  /** The next `count` messages of `source`, none of them settled. */
  async collect(source: MessageSource, count: number): Promise<readonly Delivery[]> {
    const collected: Delivery[] = [];
    while (collected.length < count) collected.push(...(await this.receive(source, count - collected.length)));
    return collected;
  }

  /** What `source` gives while `ms` pass; nothing is what is hoped for. */
  async heardIn(source: MessageSource, ms: number = quietMs): Promise<readonly Delivery[]> {
    const stop = new AbortController();
    const receiving = new Underway(source.receive(10, stop.signal));
    await this.advance(ms);
    stop.abort();
    return this.settled('receive, though it was aborted,', receiving);
  }

  /** Fails when `source` gives anything while `ms` pass. */
  async nothingFrom(source: MessageSource, ms?: number): Promise<void> {
    deepEqual(idsOf(await this.heardIn(source, ms)), [], 'messages came that should not');
  }

  /** The result of `work`; fails when there is none in the time that the contract is ready to wait. */
  async settled<T>(what: string, work: Promise<T> | Underway<T>): Promise<T> {
    const underway = work instanceof Underway ? work : new Underway(work);
    const patienceMs = this.terms.patienceMs ?? 5000;
    for (let step = 0, waitedMs = 0; waitedMs <= patienceMs; step += 1) {
      const ms = firstStepsMs[step] ?? stepMs;
      await this.advance(ms);
      if (underway.result !== undefined) return underway.result();
      waitedMs += ms;
    }
    throw new AssertionError({ message: `${what} did not settle in ${patienceMs} ms` });
  }

  /** Closes what the case has opened. */
  async close(): Promise<void> {
    for (const connection of this.#connections) await this.settled('close of a connection', connection.close());
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function idsOf(messages: readonly { readonly id: string }[]): readonly string[] {
  return messages.map(({ id }) => id);
}
