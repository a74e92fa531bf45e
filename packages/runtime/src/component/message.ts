import type { Scope } from '../kernel/scope.ts';

/** A message as its handler gets it. */
export interface Message<Payload = unknown> {
  readonly payload: Payload;
  /** The same at each delivery. */
  readonly id: string;
  readonly key: string | undefined;
  /** Without those that are Tracewright's own business: trace context, content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** Milliseconds since the Unix epoch; nothing where the broker does not say. */
  readonly publishedAt: number | undefined;
}

/**
 * Handles one message. When it settles well, the message is done with; when it throws, the message comes again or goes to the dead letter. The broker promises to
 * deliver at least once: a handler may see the same message twice.
 */
export type Handler<Payload> = (message: Message<Payload>, scope: Scope) => unknown;

/** A message of a batch that could not be handled, and why. */
export interface FailedMessage<Payload = unknown> {
  readonly message: Message<Payload>;
  readonly error: unknown;
}

/**
 * Handles several messages together. When it settles well, those are done with which it does not name as failed; when it throws, all come again or go to the dead
 * letter, each by itself.
 */
export type BatchHandler<Payload> = (
  messages: readonly Message<Payload>[],
  scope: Scope,
) => void | readonly FailedMessage<Payload>[] | Promise<void | readonly FailedMessage<Payload>[]>;

/** Either, before it is known what it gets. */
export type AnyHandler = (given: never, scope: Scope) => unknown;
