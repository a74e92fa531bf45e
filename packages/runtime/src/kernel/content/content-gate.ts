import type { AttributeValue } from '@opentelemetry/api';
import { type AttributeInput, cutValue, isAttributeValue } from '../attributes.ts';
import { Content } from './content.ts';
import { isContentKey } from './content-keys.ts';
import {
  type ContentDecision,
  type ContentLevel,
  type ContentPolicy,
  decisionOf,
  stricter,
  stricterOf,
  type TextPlace,
} from './content-policy.ts';
import { errorTypeOf } from '../outcome.ts';
import type { Secrets } from './redaction.ts';
import { mayHoldCredentials } from './redaction-shapes.ts';
import { type Cleaning, cleanText } from './redaction-text.ts';
import { reportFault } from '../telemetry.ts';

export type AttributePlace = 'attribute' | 'event' | 'metric';

export interface TextUse {
  readonly place: TextPlace;
  readonly isContent: boolean;
  /** Characters. Default: the limit of the gate. */
  readonly maxLength?: number | undefined;
  /** The credentials of whoever executes. */
  readonly secrets?: Secrets | undefined;
}

const defaultTruncatedLength = 256;

/**
 * What every text passes that leaves the process as telemetry: credentials are taken out, the redactor sees it, the policy decides about content, and what
 * is long is cut so that the cut shows. Never throws.
 */
export class ContentGate {
  readonly #policy: ContentPolicy;
  readonly #maxLength: number;
  readonly #truncatedLength: number;
  readonly #restricted: Partial<Record<ContentDecision, ContentGate>> = {};

  private constructor(policy: ContentPolicy, maxLength: number) {
    this.#policy = policy;
    this.#maxLength = maxLength;
    this.#truncatedLength = Math.min(policy.maxLength ?? defaultTruncatedLength, maxLength);
  }

  /** @param maxLength characters of a text, and of all texts of an array together */
  static of(policy: ContentPolicy, maxLength: number): ContentGate {
    return new ContentGate(policy, maxLength);
  }

  /** A gate that lets pass no more content than `level` does, for a call that asks for less. The same gate when nothing changes. */
  restrict(level: ContentLevel | undefined): ContentGate {
    return this.noLaxerThan(level && decisionOf(level));
  }

  /** A gate that decides about content at least as strictly as `limit`. The same gate when nothing changes. */
  noLaxerThan(limit: ContentDecision | undefined): ContentGate {
    if (limit === undefined) return this;
    let gate = this.#restricted[limit];
    if (gate === undefined) {
      const policy = stricter(this.#policy, limit);
      gate = policy === this.#policy ? this : new ContentGate(policy, this.#maxLength);
      this.#restricted[limit] = gate;
    }
    return gate;
  }

  /** What becomes of a text in `place`. Of an exception that is content, whatever is stricter of what the policy says about both. */
  decide(place: TextPlace, isContent: boolean): ContentDecision {
    const { content, exceptions = 'pass' } = this.#policy;
    if (place !== 'status' && place !== 'exception') return isContent ? content : 'pass';
    return isContent ? stricterOf(content, exceptions) : exceptions;
  }

  /**
   * The attributes of `input` that may leave. Where only the length of content may, it is the value of `<key>.length`, in characters. A wrong value is left
   * out and reported: telemetry never breaks work.
   */
  attributes(input: AttributeInput, place: AttributePlace, secrets?: Secrets): Record<string, AttributeValue> {
    const accepted: Record<string, AttributeValue> = {};
    const isOpen = this.#policy.redact === undefined && secrets === undefined;
    try {
      for (const key of Object.keys(input)) {
        const value: unknown = input[key];
        if (value === undefined) continue;
        // Most values are short, ordinary texts: nothing of what follows would change them.
        if (isOpen && typeof value === 'string' && this.#isOrdinary(value) && !isContentKey(key)) accepted[key] = value;
        else this.#accept(accepted, key, { value, place, secrets });
      }
    } catch (error) {
      reportFault(`attributes were left out: reading them failed with ${errorTypeOf(error)}`);
    }
    return accepted;
  }

  /** A status message, the text of an exception or the body of a log record. `undefined`: leave it out. */
  text(text: string, { place, isContent, maxLength = this.#maxLength, secrets }: TextUse): string | undefined {
    const decision = this.decide(place, isContent);
    if (decision === 'drop') return undefined;
    if (decision === 'length') return `[${text.length} characters]`;
    return this.#clean(text, {
      place,
      maxLength: decision === 'truncate' ? Math.min(this.#truncatedLength, maxLength) : maxLength,
      secrets,
    });
  }

  /** A text that is decided already: without credentials, redacted, cut. `undefined`: the redactor failed. */
  cleaned(text: string, place: TextPlace, secrets: Secrets | undefined): string | undefined {
    return this.#clean(text, { place, maxLength: this.#maxLength, secrets });
  }

  #isOrdinary(text: string): boolean {
    return text.length <= this.#maxLength && !mayHoldCredentials(text);
  }

  #accept(accepted: Record<string, AttributeValue>, key: string, given: GivenValue): void {
    const isMarked = given.value instanceof Content;
    const value: unknown = given.value instanceof Content ? given.value.reveal() : given.value;
    if (!isAttributeValue(value)) {
      reportFault(`attribute ${key} was left out: it is not a string, a finite number, a boolean or an array of one of them`);
      return;
    }
    const { place, secrets } = given;
    const decision = isMarked || isContentKey(key) ? this.#policy.content : 'pass';
    if (decision === 'length') accepted[`${key}.length`] = lengthOf(value);
    if (decision === 'length' || decision === 'drop') return;
    const maxLength = decision === 'truncate' ? this.#truncatedLength : this.#maxLength;
    const passed = this.#cleanValue(value, { place, maxLength, secrets });
    if (passed !== undefined) accepted[key] = passed;
  }

  #cleanValue(value: AttributeValue, how: Cleaning): AttributeValue | undefined {
    if (typeof value === 'string') return this.#clean(value, how);
    return Array.isArray(value) ? this.#cleanItems(value, how) : value;
  }

  /** A copy: what is put into the array later must not pass the gate by. One text that may not leave keeps the others back. */
  #cleanItems(items: readonly unknown[], how: Cleaning): AttributeValue | undefined {
    const passed: unknown[] = [];
    let room = how.maxLength;
    for (const item of items) {
      const clean = typeof item === 'string' ? this.#clean(item, how) : item;
      if (clean === undefined) return undefined;
      passed.push(clean);
      if (typeof clean === 'string') room -= clean.length;
      // The rest would be cut anyway; where a text was cut to what is left, that shows already.
      if (room < 0 || (room === 0 && clean !== item)) break;
    }
    return cutValue(passed as AttributeValue, how.maxLength); // Items of the same type as those of an attribute value.
  }

  #clean(text: string, how: Cleaning): string | undefined {
    return cleanText(text, this.#policy.redact, how);
  }
}

interface GivenValue {
  readonly value: unknown;
  readonly place: AttributePlace;
  readonly secrets: Secrets | undefined;
}

/** Characters of a value that may not leave. */
function lengthOf(value: AttributeValue): number {
  if (!Array.isArray(value)) return String(value).length;
  const items: readonly unknown[] = value;
  return items.reduce<number>((length, item) => length + String(item).length, 0);
}
