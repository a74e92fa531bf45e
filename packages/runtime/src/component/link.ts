import type { Contracts, Received, Sent } from './contract.ts';
import type { BatchHandler, Handler } from './message.ts';
import type { BatchSubscribeOptions, SubscribeOptions, Subscription } from './subscription/subscription.ts';

export interface PublishOptions {
  /** Messages with the same key belong in an order. */
  readonly key?: string | undefined;
  /** Beside those that carry trace context and content type. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: a random UUID. Give one where the same message may be published twice. */
  readonly id?: string | undefined;
}

/** A component's way to the broker: the only one, by the names that it has declared. */
export interface Link<Aspects extends Contracts = Contracts, Interests extends Contracts = Contracts> {
  /**
   * Publishes a message, as one operation of kind producer in the current scope; outside of any, as a root. Resolves when the broker has it.
   *
   * @throws {TracewrightError} `TW_UNDECLARED_ASPECT`; `TW_BAD_PAYLOAD` where the payload does not fit the schema; `TW_TRANSPORT`
   */
  publish<Name extends keyof Aspects & string>(aspect: Name, payload: Sent<Aspects[Name]>, options?: PublishOptions): Promise<void>;
  /** As below, for several messages together: as they come, whatever their keys. First, so that TypeScript infers the types of a handler that is written in place. */
  subscribe<Name extends keyof Interests & string>(
    interest: Name,
    handler: BatchHandler<Received<Interests[Name]>>,
    options: BatchSubscribeOptions,
  ): Subscription;
  /**
   * Has `handler` called for each message, from when the returned `ready` resolves until the component stops. The broker delivers at least once.
   *
   * @throws {TracewrightError} `TW_UNDECLARED_INTEREST`; `TW_BAD_OPTION`; `TW_LIFECYCLE_STATE` when the component is stopping
   */
  subscribe<Name extends keyof Interests & string>(
    interest: Name,
    handler: Handler<Received<Interests[Name]>>,
    options?: SubscribeOptions,
  ): Subscription;
}
