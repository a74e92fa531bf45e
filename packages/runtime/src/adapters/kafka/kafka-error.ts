import { TracewrightError } from '../../kernel/errors.ts';

/** The name of this broker, as `messaging.system` has it. */
export const kafkaSystem = 'kafka';

export interface Failure {
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

export function kafkaError(message: string, failure: Failure = {}): TracewrightError<'TW_TRANSPORT'> {
  const data = { system: kafkaSystem, ...failure.data };
  return new TracewrightError('TW_TRANSPORT', message, failure.cause === undefined ? { data } : { data, cause: failure.cause });
}

/** What the client says, for the end of a sentence. */
export function said(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Whether the client found, at the bottom of what it says, that `is` of it: it wraps what brokers answer in errors of its own. */
export function isCausedBy(error: unknown, is: (found: { readonly name: string; readonly type: unknown }) => boolean): boolean {
  for (let found = error, depth = 0; found instanceof Error && depth < 5; found = found.cause, depth += 1) {
    if (is({ name: found.name, type: 'type' in found ? found.type : undefined })) return true;
  }
  return false;
}

/** Whether a broker has said so: its answers have a type. What the client finds out by itself has none. */
export function isAnswer(error: unknown): boolean {
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors)) return error.errors.some(isAnswer);
  return isCausedBy(error, ({ type }) => typeof type === 'string');
}

/** Whether the client took itself for connected without having heard anything from a broker. */
export function isUnready(error: unknown): boolean {
  return error instanceof Error && error.message === 'Broker not connected';
}

const ofRebalance: ReadonlySet<unknown> = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);

/** Whether the group is handing out its partitions anew, and what was refused can be said again when that is done. */
export function isOfRebalance(error: unknown): boolean {
  return isCausedBy(error, ({ type }) => ofRebalance.has(type));
}

/** What a subscription that has ended says. */
export function cannotReceive(
  { destination, groupId }: { readonly destination: string; readonly groupId: string },
  cause: unknown,
): TracewrightError<'TW_TRANSPORT'> {
  return kafkaError(`"${destination}" cannot be received from Kafka any more: ${said(cause)}`, { data: { destination, groupId }, cause });
}
