import { cut } from '../attributes.ts';
import { isThenable } from '../check.ts';
import type { ContentPolicy, TextPlace } from './content-policy.ts';
import { errorTypeOf } from '../outcome.ts';
import { hideCredentials, type Secrets } from './redaction.ts';
import { reportFault } from '../telemetry.ts';

/** How a text is made fit to leave. */
export interface Cleaning {
  readonly place: TextPlace;
  /** Characters that may be left. */
  readonly maxLength: number;
  /** The credentials of whoever executes. */
  readonly secrets: Secrets | undefined;
}

/** Characters of a longer text that are scanned beyond what is left: what the redactor looks for is cut off whole, unless it is longer than this. */
const edgeLength = 1024;

/**
 * `text` without credentials, as the redactor gives it, and then cut. `undefined`: the redactor failed. Never throws.
 *
 * Of a long text only the beginning is scanned, and it is cut where nothing can be left half.
 */
export function cleanText(text: string, redact: ContentPolicy['redact'], { place, maxLength, secrets }: Cleaning): string | undefined {
  const kept = maxLength + edgeLength;
  const scanned = kept + (secrets?.maxLength ?? 0);
  const beginning = hideWithin(text, { kept, scanned, secrets });
  let clean = beginning;
  let isCut = text.length > scanned;
  if (redact !== undefined) {
    const given = redactedBy(redact, beginning, place);
    if (given === undefined) return undefined;
    isCut ||= given.length > scanned;
    if (given !== beginning) clean = hideWithin(given, { kept, scanned, secrets });
  }
  if (!isCut) return cut(clean, maxLength);
  return cut(`${clean.slice(0, clean.length - sharedEnd(beginning, clean))}…`, maxLength);
}

/** How much of the edge the redactor has left as it was: half of what it looks for can stand there, and nowhere else. */
function sharedEnd(given: string, clean: string): number {
  const most = Math.min(edgeLength, given.length, clean.length);
  let shared = 0;
  while (shared < most && given.at(-1 - shared) === clean.at(-1 - shared)) shared += 1;
  return shared;
}

interface Scan {
  /** Characters that may be left, and behind them those in which half of what the redactor looks for may stand. */
  readonly kept: number;
  /** `kept`, and behind it the length of a credential. */
  readonly scanned: number;
  readonly secrets: Secrets | undefined;
}

/** The beginning of `text` without credentials. What is scanned beyond `kept` may be half of one, and is cut off. */
function hideWithin(text: string, { kept, scanned, secrets }: Scan): string {
  if (text.length <= scanned) return hideCredentials(text, secrets);
  const clean = hideCredentials(text.slice(0, scanned), secrets);
  return clean.slice(0, Math.max(0, clean.length - (scanned - kept)));
}

/** The error of a redactor that fails is not shown: it may hold the text. */
function redactedBy(redact: NonNullable<ContentPolicy['redact']>, text: string, place: TextPlace): string | undefined {
  try {
    const given: unknown = redact(text, place);
    if (typeof given === 'string') return given;
    reportFault(`a text (${place}) was left out: the redactor gave no string but ${given === null ? 'null' : typeof given}`);
    // A promise that nobody waits for must not end the process when it rejects.
    if (isThenable(given)) given.then(undefined, () => undefined);
  } catch (error) {
    reportFault(`a text (${place}) was left out: the redactor failed with ${errorTypeOf(error)}`);
  }
  return undefined;
}
