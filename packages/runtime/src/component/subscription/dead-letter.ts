import { hideCredentials } from '../../kernel/content/redaction.ts';
import { messageOf } from '../../kernel/exceptions.ts';
import { errorTypeOf } from '../../kernel/outcome.ts';
import type { RunningScope } from '../../kernel/running-scope.ts';
import { foreignHeaders, headers } from '../headers.ts';
import { type Outlet, publish } from '../publish.ts';
import type { Delivery } from '../transport.ts';

export interface Burial {
  readonly error: unknown;
  readonly attempts: number;
  readonly origin: string;
  readonly group: string;
}

/** How much of an error's message goes with the message: brokers limit the size of headers. */
const maxMessageLength = 1000;

/**
 * Sends a message that cannot be handled to where such messages go: the same body, key, id and headers, and who could not handle it, why, after how many tries,
 * and when.
 */
export function bury(
  scope: RunningScope,
  outlet: Outlet,
  { delivery, burial }: { readonly delivery: Delivery; readonly burial: Burial },
): Promise<void> {
  const { error, attempts, origin, group } = burial;
  const { reason, message, ...names } = headers.deadLetter;
  const said = hideCredentials(messageOf(error), scope.secrets).slice(0, maxMessageLength);
  const contentType = delivery.headers[headers.contentType];
  const { traceparent } = delivery.headers;
  const told: Record<string, string> = {
    // Not the trace context: the new one must not be mixed with what is left of the old.
    ...foreignHeaders(delivery.headers),
    ...(contentType === undefined ? {} : { [headers.contentType]: contentType }),
    [reason]: errorTypeOf(error),
    // Header values are of one line, and a cut may have left half of a character.
    [message]: said.replaceAll(/\p{Cc}+/gu, ' ').replace(/[\ud800-\udbff]$/, ''),
    [names.attempts]: String(attempts),
    [names.group]: group,
    [names.time]: new Date(scope.clock.now()).toISOString(),
  };
  // A message that is given up a second time still came from where it came from first.
  told[names.origin] ??= origin;
  if (traceparent !== undefined) told[names.traceparent] ??= traceparent;
  return publish({ scope }, outlet, { id: delivery.id, key: delivery.key, headers: told, encode: () => delivery.body });
}
