import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

const names = { GROUP_JOIN: 'group_join', REBALANCING: 'rebalancing', COMMIT_OFFSETS: 'commit_offsets', CRASH: 'crash' } as const;
type EventName = (typeof names)[keyof typeof names];

/** What a broker answers, as the client wraps it. */
export const answer = (type: string): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

/** For the tests here: the client's consumer, with the group and its batches in the hands of the test. */
export class FakeConsumer {
  readonly events = names;
  /** Everything it was asked to do since it ran, in order. */
  readonly calls: unknown[] = [];
  /** What the next commits fail with. */
  readonly refusals: Error[] = [];
  readonly #listeners = new Map<string, (event: unknown) => void>();
  #eachBatch: (payload: EachBatchPayload) => Promise<void> = () => Promise.resolve();

  /** A client whose consumer this is. */
  get kafka(): Kafka {
    return { consumer: () => this as unknown as Consumer } as Partial<Kafka> as Kafka; // It has what a member uses of it.
  }

  on(name: EventName, listener: (event: unknown) => void): void {
    this.#listeners.set(name, listener);
  }

  async connect(): Promise<void> {}
  async subscribe(options: object): Promise<void> {
    this.calls.push({ subscribe: options });
  }
  async run({ eachBatch }: { readonly eachBatch: (payload: EachBatchPayload) => Promise<void> }): Promise<void> {
    this.#eachBatch = eachBatch;
  }
  async disconnect(): Promise<void> {}
  async commitOffsets(offsets: object): Promise<void> {
    const refusal = this.refusals.shift();
    this.calls.push(refusal === undefined ? { commit: offsets } : { refused: offsets });
    if (refusal !== undefined) throw refusal;
    this.#listeners.get(names.COMMIT_OFFSETS)?.({});
  }
  pause(given: object): void {
    this.calls.push({ pause: given });
  }
  resume(given: object): void {
    this.calls.push({ resume: given });
  }
  seek(given: object): void {
    this.calls.push({ seek: given });
  }

  /** The group says that these partitions are the member's. */
  assign(topic: string, partitions: readonly number[]): void {
    this.#listeners.get(names.GROUP_JOIN)?.({ payload: { memberId: 'me', memberAssignment: { [topic]: partitions } } });
  }

  /** Hands over `count` messages of a partition, from `first` on, as the client does. */
  hand({ partition = 0, first = 0, count = 1, heartbeat = async (): Promise<void> => undefined }: Partial<HandedBatch>): Promise<void> {
    const messages = Array.from({ length: count }, (_, at) => ({
      key: null,
      value: null,
      timestamp: '1',
      attributes: 0,
      offset: String(first + at),
      headers: {},
    }));
    const end = String(first + count);
    const batch = { partition, messages, highWatermark: end, lastOffset: () => String(first + count - 1) };
    // It has what a member uses of it.
    return this.#eachBatch({ batch, resolveOffset: () => undefined, heartbeat, isRunning: () => true } as unknown as EachBatchPayload);
  }
}

export interface HandedBatch {
  readonly partition: number;
  readonly first: number;
  readonly count: number;
  readonly heartbeat: () => Promise<void>;
}
