import { hideCredentials } from '../../kernel/content/redaction.ts';
import { isTracewrightError } from '../../kernel/errors.ts';
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
 * and when. Where the broker refuses it as too large, or for a header, it goes without the headers of its publisher and the text of the error, and says so.
 */
export async function bury(
  scope: RunningScope,
  outlet: Outlet,
  { delivery, burial }: { readonly delivery: Delivery; readonly burial: Burial },
): Promise<void> {
  const { id, key } = delivery;
  const encode = (): Uint8Array => delivery.body;
  try {
    await publish({ scope }, outlet, { id, key, headers: fullHeaders(scope, delivery, burial), encode });
  } catch (refusal) {
    if (!isForItsSize(refusal)) throw refusal;
    const cut = { ...ownHeaders(scope, delivery, burial), [headers.deadLetter.cut]: errorTypeOf(refusal) };
    await publish({ scope }, outlet, { id, key, headers: cut, encode });
  }
}

/** Whether less of it may be taken. */
function isForItsSize(refusal: unknown): boolean {
  return (
    isTracewrightError(refusal, 'TW_BAD_OPTION') || (isTracewrightError(refusal, 'TW_TRANSPORT') && refusal.data['isTooLarge'] === true)
  );
}

function fullHeaders(scope: RunningScope, delivery: Delivery, burial: Burial): Record<string, string> {
  const said = hideCredentials(messageOf(burial.error), scope.secrets).slice(0, maxMessageLength);
  return {
    // Not the trace context: the new one must not be mixed with what is left of the old.
    ...foreignHeaders(delivery.headers),
    ...ownHeaders(scope, delivery, burial),
    // Header values are of one line, and a cut may have left half of a character.
    [headers.deadLetter.message]: said.replaceAll(/\p{Cc}+/gu, ' ').replace(/[\ud800-\udbff]$/, ''),
  };
}

function ownHeaders(scope: RunningScope, delivery: Delivery, { error, attempts, origin, group }: Burial): Record<string, string> {
  const names = headers.deadLetter;
  const contentType = delivery.headers[headers.contentType];
  const told: Record<string, string> = {
    [names.reason]: errorTypeOf(error),
    [names.attempts]: String(attempts),
    [names.group]: group,
    [names.time]: new Date(scope.clock.now()).toISOString(),
    // A message that is given up a second time still came from where it came from first.
    [names.origin]: delivery.headers[names.origin] ?? origin,
  };
  if (contentType !== undefined) told[headers.contentType] = contentType;
  const sender = delivery.headers[names.traceparent] ?? delivery.headers['traceparent'];
  if (sender !== undefined) told[names.traceparent] = sender;
  return told;
}
