import type { Interceptor } from '../../kernel/interceptor.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { Outcome } from '../../lifecycle/outcome.ts';

export interface SubscribeOptions {
  /** How many messages are handled at the same time. Default 1. */
  readonly concurrency?: number | undefined;
  /** How many messages begin to be handled within any second. Default: no limit. */
  readonly perSecond?: number | undefined;
  /** How many messages the broker hands out ahead of their turn, those in work included; as many again may wait to be tried again. Default twice `concurrency`. */
  readonly prefetch?: number | undefined;
  /**
   * `key`: messages with the same key are handled one after the other, in their order, tries included; those without a key in any order. `none`: no order. `all`: one
   * after the other, as the broker delivers them. Default `key`.
   */
  readonly order?: 'key' | 'none' | 'all' | undefined;
  /** How failed messages are tried again. */
  readonly retry?: MessageRetry | undefined;
  /**
   * Where messages go that cannot be handled: a destination, by default `<destination>.dead`; `drop` throws them away.
   */
  readonly deadLetter?: { readonly destination: string } | 'drop' | undefined;
  /** `link`: each message begins a trace of its own, linked to its sender. `join`: it goes on in the sender's trace. Default `link`. */
  readonly delivery?: 'link' | 'join' | undefined;
  /** Knows which messages have been handled before, for handlers that must not see one twice. */
  readonly seen?: SeenMessages | undefined;
  /** The longest that one try may take, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether errors of the handler may quote the message: what they say is content then, which leaves the process only where the policy opens it. Errors about payloads are
   * content always. Default false.
   */
  readonly carriesContent?: boolean | undefined;
  /** Around the handling of each message, the outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined;
}

/** Messages that are handled together. Order and joining of traces are for single messages. */
export interface BatchSubscribeOptions extends Omit<SubscribeOptions, 'order' | 'delivery' | 'seen'> {
  readonly batch: {
    /** How many messages a batch has at most. Where a span can have fewer links, that many. */
    readonly size: number;
    /** How long the first message waits for others, in milliseconds. Default 100. */
    readonly waitMs?: number | undefined;
  };
}

/**
 * What remembers handled messages by their ids: a table in the database that the handler writes to, at best. Where it cannot be asked, the message is handled: at least
 * once, as without it. Where it cannot be told, the message comes again.
 */
export interface SeenMessages {
  /** Asked before each try. */
  has(id: string, scope: Scope): boolean | Promise<boolean>;
  /** Told after a handler has settled well, before the broker is. */
  add(id: string, scope: Scope): unknown;
}

export interface MessageRetry {
  /** How often a message is tried at most, the first try included, before it goes to the dead letter. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** The wait before the second try, doubled for each further one, with full jitter. Milliseconds. Default 1000. */
  readonly delayMs?: number | undefined;
  /** Milliseconds. Default 60000. */
  readonly maxDelayMs?: number | undefined;
  /** Decides whether an error may pass, in place of the rules. */
  readonly retryable?: ((error: unknown, tried: { readonly attempt: number }) => boolean) | undefined;
}

/** A running subscription. It ends with its component. */
export interface Subscription {
  readonly interest: string;
  readonly destination: string;
  /** Resolves when messages are received; rejects where the broker refuses. The component is not ready before. */
  readonly ready: Promise<void>;
  readonly done: Promise<Outcome>;
  /** Takes no more messages until `resume`; those that are in work go on, and those that are held already wait here. */
  pause(): void;
  resume(): void;
  /** Takes no more messages and ends those that are in work; what waits goes back to the broker. */
  stop(): Promise<boolean>;
  readonly stats: Readonly<SubscriptionStats>;
}

/** Counts since the start. */
export interface SubscriptionStats {
  received: number;
  handled: number;
  /** Tries that failed. */
  failed: number;
  retried: number;
  deadLettered: number;
  dropped: number;
  /** In work right now. */
  inFlight: number;
}
