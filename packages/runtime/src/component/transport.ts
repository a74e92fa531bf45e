/**
 * The port that message brokers stand behind. A transport says what it can do in `capabilities`; what it says is what `transportContract` of
 * `tracewright/testing` proves. Telemetry, retries, dead letters and limits are no business of a transport.
 */
export interface Transport {
  /** The broker, as `messaging.system` names it: `kafka`, `nats`, `memory`. */
  readonly system: string;
  readonly capabilities: TransportCapabilities;
  /** How long a message may stay unsettled before the broker gives it to somebody else, in milliseconds; absent where it waits for ever. */
  readonly settleWithinMs?: number | undefined;
  /**
   * Opens a connection of its own for one user. Closing one leaves those of others alone; a transport may share what is below.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` where the broker cannot be reached, names it, and says what was tried
   */
  connect(options: ConnectOptions): Promise<TransportConnection>;
}

export interface ConnectOptions {
  /** Who connects, as the broker shows it to operators. */
  readonly clientName: string;
  /** Aborts the attempt. */
  readonly signal: AbortSignal;
}

/** What a transport can do. Nothing is guessed: a wish that it cannot fulfil is refused when a subscription is made. */
export interface TransportCapabilities {
  /** The broker keeps messages for consumers that are not there, whatever becomes of who sent them; in memory, as long as the process lives. */
  readonly durable: boolean;
  /** What is settled by nobody comes again: when a consumer closes or dies, or after the broker's own deadline. */
  readonly redelivery: boolean;
  /** `retry` with a delay: the broker holds the message back, and its consumer is free meanwhile. */
  readonly delayedRetry: boolean;
  /** The broker counts deliveries, so that `attempt` survives the consumer. */
  readonly countsDeliveries: boolean;
  /** Messages with the same key reach one consumer of a group at a time, in the order in which they were published. */
  readonly keyOrder: boolean;
  /** `extend` postpones the broker's deadline for settling; without it there is none, or none that can be moved. */
  readonly extend: boolean;
}

/** One user's way to the broker. */
export interface TransportConnection {
  /**
   * Resolves when the broker has the message.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` where it has not, or that cannot be known; whatever the broker says is the `cause`; with `data.isTooLarge` where less would
   *   be taken. `TW_BAD_OPTION` for what the broker cannot carry
   */
  publish(destination: string, message: OutgoingMessage, signal: AbortSignal): Promise<void>;
  /**
   * Joins the consumers of `group`, who share the messages of `destination`: each message reaches one of them. Another group gets each message again. What is
   * published once this has resolved reaches the group, in whatever order components start.
   */
  subscribe(destination: string, options: SubscribeOptions): Promise<MessageSource>;
  /** Closes all sources, then the connection. Never rejects because it is closed already. */
  close(): Promise<void>;
}

export interface SubscribeOptions {
  readonly group: string;
  /** How many messages the consumer may hold that are not settled yet. */
  readonly prefetch: number;
  readonly signal: AbortSignal;
}

/** What is sent. */
export interface OutgoingMessage {
  /** Unique for the message, for whoever removes duplicates. */
  readonly id: string;
  /** Messages with the same key belong in an order. */
  readonly key?: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** The messages of one subscription, asked for one pull at a time. */
export interface MessageSource {
  /**
   * The next messages: at least one, at most `max`, as soon as there is one. Nothing once the source is closed, or when `signal` aborts; no message is lost by
   * that. Only one call at a time: a second one is refused.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` when the broker cannot be reached any more; the source may be asked again
   */
  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Leaves the group. What is not settled goes back to the broker, and to others. */
  close(): Promise<void>;
}

/**
 * One message on its way to a consumer, until it is settled: by `ack` or `retry`, once. A second call does nothing, and one that comes when the broker has
 * taken the message back already may or may not count. Who connects, publishes or subscribes with a signal that aborts gets its reason.
 */
export interface Delivery {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Which delivery of the message this is, from 1, as far as the broker knows. */
  readonly attempt: number;
  /** When it was published, in milliseconds since the Unix epoch; nothing where the broker does not say. */
  readonly publishedAt: number | undefined;
  /** The part of the destination that it comes from, where there are parts. */
  readonly partition?: string | undefined;
  /** The message is done with. */
  ack(): Promise<void>;
  /** The message is wanted again: after `delayMs`, or at once where the transport cannot delay. Where it declares `keyOrder`, the message keeps its place. */
  retry(delayMs: number): Promise<void>;
  /** The work takes longer: the broker shall not give the message to somebody else yet. */
  extend(): Promise<void>;
}
