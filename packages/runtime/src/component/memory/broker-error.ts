import { TracewrightError } from '../../kernel/errors.ts';

/** The name of this broker, as `messaging.system` has it. */
export const memorySystem = 'memory';

export function brokerError(message: string, data: Readonly<Record<string, unknown>>): TracewrightError<'TW_TRANSPORT'> {
  return new TracewrightError('TW_TRANSPORT', message, { data: { system: memorySystem, ...data } });
}
