import { attributes, spans } from '@tracewright/conventions';
import { timeout } from '../../interceptors/timeout.ts';
import { isThenable } from '../../kernel/check.ts';
import { builtIn, type Interceptor } from '../../kernel/interceptor.ts';
import { type Operation, operation, type Plan, planOf } from '../../kernel/operation.ts';
import type { RunningScope } from '../../kernel/running-scope.ts';
import type { Scope } from '../../kernel/scope.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import type { CheckedContract } from '../contract.ts';
import { foreignHeaders } from '../headers.ts';
import type { Handler, Message } from '../message.ts';
import { ageSeconds } from '../message-metrics.ts';
import { decodePayload, type PayloadPlace } from '../payload.ts';
import type { SeenMessages } from './subscription.ts';
import { tellSettled } from './after-settled.ts';
import { type HeldMessage, Settling, type SettlingSetting, type Try, tryOf } from './settling.ts';
import type { Turn } from './turns.ts';

export interface WorkSetting extends SettlingSetting {
  readonly interest: string;
  readonly contract: CheckedContract;
  readonly handler: Handler<unknown>;
}

/** Handles messages: one operation for each try, which ends when the broker knows what became of the message. */
export class MessageWork {
  readonly #given: WorkSetting;
  readonly #settling: Settling;
  readonly #plan: Plan;

  constructor(given: WorkSetting) {
    this.#given = given;
    this.#settling = new Settling(given);
    this.#plan = planOf(operationFor(given, builtIn(this.#settling.around)));
  }

  /** Never rejects: what fails is on the span of the try. */
  readonly try = async (held: HeldMessage): Promise<Turn> => {
    const { scope, settings, stats } = this.#given;
    const { metrics } = this.#settling;
    const { delivery } = held;
    const tried = tryOf(held);
    const begunAt = scope.clock.monotonic();
    let failure: { readonly error: unknown } | undefined;
    stats.inFlight += 1;
    metrics.begun(delivery.publishedAt);
    try {
      const described = describe(tried, scope);
      await scope.kernel.execute<unknown, [Try]>(scope, {
        operation: this.#plan.name,
        plan: this.#plan,
        body: this.#handle,
        options: settings.joins ? { join: delivery.headers, attributes: described } : { link: delivery.headers, attributes: described },
        inputs: [tried],
        active: undefined,
      });
    } catch (error) {
      failure = { error };
      stats.failed += 1;
    }
    if (tried.handledIn !== undefined) tellSettled(tried.handledIn, failure === undefined);
    stats.inFlight -= 1;
    metrics.ended(scope.clock.monotonic() - begunAt, failure);
    return tried.turn;
  };

  readonly #handle = async (scope: Scope, tried: Try): Promise<void> => {
    const { held, delivery, attempt } = tried;
    if (held.givenUp !== undefined) throw held.givenUp.error;
    tried.handledIn = scope;
    const { interest, source, contract, handler, settings } = this.#given;
    if (settings.seen !== undefined && (await wasSeen(settings.seen, delivery.id, scope))) return;
    const message = readMessage({ delivery, attempt }, { contract, target: interest, destination: source.destination });
    // A wait for what is there already costs as much as the reading.
    await handler(isThenable(message) ? await message : message, scope);
    if (settings.seen !== undefined) await remember(settings.seen, delivery.id, scope);
  };
}

/** The message was handled well: where that cannot be kept, it comes again, whatever kind of error says so. */
async function remember(seen: SeenMessages, id: string, scope: Scope): Promise<void> {
  try {
    await seen.add(id, scope);
  } catch (cause) {
    throw Object.assign(new Error('a message was handled, but that could not be remembered', { cause }), { retryable: true });
  }
}

/** Whether the message has been handled already, by whatever process. */
async function wasSeen(seen: SeenMessages, id: string, scope: Scope): Promise<boolean> {
  try {
    if (!(await seen.has(id, scope))) return false;
  } catch (error) {
    reportFault('it cannot be told whether a message was handled before; it is handled', error);
    return false;
  }
  scope.set({ [attributes.duplicate.key]: true });
  return true;
}

/**
 * The message as a handler gets it; a promise only where codec or schema answer later.
 *
 * @throws {TracewrightError} `TW_BAD_PAYLOAD`
 */
export function readMessage(
  { delivery, attempt }: Pick<Try, 'delivery' | 'attempt'>,
  { contract, ...place }: PayloadPlace & { readonly contract: CheckedContract },
): Message | Promise<Message> {
  const { id, key, publishedAt, body } = delivery;
  const withPayload = (payload: unknown): Message => ({
    payload,
    id,
    key,
    headers: foreignHeaders(delivery.headers),
    attempt,
    publishedAt,
  });
  const payload = decodePayload(contract, body, place);
  return isThenable(payload) ? Promise.resolve(payload).then(withPayload) : withPayload(payload);
}

/** The operation of each try: `settling` around all that the author put around the handling. */
export function operationFor(
  { source, group, settings }: Pick<WorkSetting, 'source' | 'group' | 'settings'>,
  settling: Interceptor,
): Operation {
  const limits = settings.timeoutMs === undefined ? [] : [timeout({ timeoutMs: settings.timeoutMs })];
  return operation({
    name: spans.process.name.replace('<destination>', () => source.destination),
    kind: 'consumer',
    root: !settings.joins,
    carriesContent: settings.carriesContent,
    attributes: {
      [attributes.messagingSystem.key]: source.system,
      [attributes.messagingOperationName.key]: 'process',
      [attributes.messagingOperationType.key]: 'process',
      [attributes.messagingDestination.key]: source.destination,
      [attributes.messagingConsumerGroup.key]: group,
    },
    interceptors: [settling, ...limits, ...settings.interceptors],
  });
}

function describe({ delivery: { id, partition, publishedAt }, attempt }: Try, { clock }: RunningScope): Record<string, string | number> {
  const described: Record<string, string | number> = { [attributes.messagingMessageId.key]: id, [attributes.attempt.key]: attempt };
  if (partition !== undefined) described[attributes.messagingPartition.key] = partition;
  if (publishedAt !== undefined) described[attributes.messageAge.key] = ageSeconds(clock, publishedAt);
  return described;
}
