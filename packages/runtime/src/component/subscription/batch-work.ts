import { attributes, events } from '@tracewright/conventions';
import { isObject } from '../../kernel/check.ts';
import { badSecretOption, TracewrightError } from '../../kernel/errors.ts';
import { type Around, builtIn } from '../../kernel/interceptor.ts';
import { type Plan, planOf } from '../../kernel/operation.ts';
import { errorTypeOf } from '../../kernel/outcome.ts';
import { requireScope, type RunningScope } from '../../kernel/running-scope.ts';
import type { Scope } from '../../kernel/scope.ts';
import type { BatchHandler, FailedMessage, Message } from '../message.ts';
import { operationFor, readMessage, type WorkSetting } from './message-work.ts';
import { type HeldMessage, Settling, type Settlement, type Try, tryOf } from './settling.ts';

/** One message of a batch, and why it could not be handled. */
interface BatchTry extends Try {
  failure: { readonly error: unknown } | undefined;
}

export interface BatchSetting extends Omit<WorkSetting, 'handler'> {
  readonly handler: BatchHandler<unknown>;
}

/** Handles batches: one operation for each, with a link to the sender of each message, which ends when the broker knows what became of all. */
export class BatchWork {
  readonly #given: BatchSetting;
  readonly #settling: Settling;
  readonly #plan: Plan;

  constructor(given: BatchSetting) {
    this.#given = given;
    this.#settling = new Settling(given);
    this.#plan = planOf(operationFor(given, builtIn(this.#around)));
  }

  /** Never rejects. Gives the messages that are wanted again here, and after how many milliseconds. */
  readonly try = async (batch: readonly HeldMessage[]): Promise<ReadonlyMap<HeldMessage, number>> => {
    const { scope, stats } = this.#given;
    const { metrics } = this.#settling;
    const tries = batch.map((held): BatchTry => ({ ...tryOf(held), failure: undefined }));
    const begunAt = scope.clock.monotonic();
    stats.inFlight += batch.length;
    for (const { delivery } of tries) metrics.begun(delivery.publishedAt);
    await this.#run(scope, tries).catch((error: unknown) => {
      // Before the messages had a turn: the operation itself was refused.
      for (const tried of tries) tried.failure ??= { error };
    });
    const durationMs = scope.clock.monotonic() - begunAt;
    for (const { failure } of tries) {
      if (failure !== undefined) stats.failed += 1;
      metrics.ended(durationMs, failure);
    }
    stats.inFlight -= batch.length;
    return new Map(tries.flatMap(({ held, turn }) => (turn === 'done' ? [] : [[held, turn.againAfterMs] as const])));
  };

  #run(scope: RunningScope, tries: readonly BatchTry[]): Promise<void> {
    return scope.kernel
      .execute<void, [readonly BatchTry[]]>(scope, {
        operation: this.#plan.name,
        plan: this.#plan,
        body: this.#handle,
        options: {
          link: tries.map(({ delivery }) => delivery.headers),
          attributes: { [attributes.messagingBatchCount.key]: tries.length },
        },
        inputs: [tries],
        active: undefined,
      })
      .catch((error: unknown) => {
        if (tries.every(({ failure }) => failure === undefined)) throw error;
      });
  }

  readonly #handle = async (scope: Scope, tries: readonly BatchTry[]): Promise<void> => {
    const { contract, interest, source, handler } = this.#given;
    const readable = new Map<Message, BatchTry>();
    const byId = new Map<string, BatchTry[]>();
    for (const tried of tries) {
      // An interceptor may have had the handler called before.
      tried.failure = tried.held.givenUp;
      if (tried.failure !== undefined) continue;
      try {
        const message = await readMessage(tried, { contract, target: interest, destination: source.destination });
        readable.set(message, tried);
        byId.set(message.id, [...(byId.get(message.id) ?? []), tried]);
      } catch (error) {
        tried.failure = { error };
      }
    }
    if (readable.size === 0) return;
    for (const { message, error } of requireFailures(await handler([...readable.keys()], scope))) {
      const own = readable.get(message);
      // A copy will do. Where several have its id, nobody knows which one it is of: none is taken for handled.
      const meant = own === undefined ? byId.get(message.id) : [own];
      if (meant === undefined) throw badSecretOption('what a batch handler gives', 'messages of its batch, with their errors', message);
      for (const tried of meant) tried.failure = { error };
    }
  };

  /** Outside of all that the author put around the handling. */
  readonly #around: Around = (given, next) => {
    const scope = requireScope(given);
    const tries = scope.parts.inputs[0] as readonly BatchTry[]; // What `#run` gives to `execute`.
    return next(scope).then(
      async (value) => {
        await this.#settleAll(scope, tries);
        const failed = tries.filter(({ failure }) => failure !== undefined);
        if (failed.length > 0) throw partlyFailed(failed, tries.length);
        return value;
      },
      async (error: unknown) => {
        for (const tried of tries) tried.failure ??= { error };
        await this.#settleAll(scope, tries);
        throw error;
      },
    );
  };

  async #settleAll(scope: RunningScope, tries: readonly BatchTry[]): Promise<void> {
    const settled = new Set<Settlement | undefined>();
    for (const tried of tries) settled.add(await this.#settle(scope, tried));
    const [only, ...others] = settled;
    if (only !== undefined && others.length === 0) scope.parts.spans.note(attributes.settled.key, only);
  }

  async #settle(scope: RunningScope, tried: BatchTry): Promise<Settlement | undefined> {
    const { failure, delivery } = tried;
    if (failure === undefined) {
      return await this.#settling.succeeded(tried).catch((error: unknown) => {
        tried.failure = { error };
        return undefined;
      });
    }
    const settlement = await this.#settling.failed(scope, tried, failure.error);
    scope.event(events.messageFailed.name, {
      [attributes.messagingMessageId.key]: delivery.id,
      [attributes.attempt.key]: tried.attempt,
      [attributes.settled.key]: settlement,
      [attributes.errorType.key]: errorTypeOf(failure.error),
    });
    return settlement;
  }
}

function requireFailures(given: unknown): readonly FailedMessage[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given) || !Array.from(given).every(isFailure))
    throw badSecretOption('what a batch handler gives', 'nothing, or a list of { message, error }', given);
  return given as readonly FailedMessage[]; // Seen to be one.
}

function isFailure(each: unknown): boolean {
  return isObject(each) && 'error' in each && 'message' in each && isObject(each.message);
}

function partlyFailed(failed: readonly BatchTry[], total: number): TracewrightError<'TW_BATCH_FAILED'> {
  return new TracewrightError('TW_BATCH_FAILED', `${failed.length} of ${total} messages could not be handled`, {
    data: { failed: failed.map(({ delivery }) => delivery.id), total },
    cause: failed[0]?.failure?.error,
  });
}
