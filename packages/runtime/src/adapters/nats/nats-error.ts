import { TracewrightError } from '../../kernel/errors.ts';

/** The name of this broker, as `messaging.system` has it. */
export const natsSystem = 'nats';

export interface Failure {
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

export function natsError(message: string, failure: Failure = {}): TracewrightError<'TW_TRANSPORT'> {
  const data = { system: natsSystem, ...failure.data };
  return new TracewrightError('TW_TRANSPORT', message, failure.cause === undefined ? { data } : { data, cause: failure.cause });
}

/** What the client says, for the end of a sentence. */
export function said(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
