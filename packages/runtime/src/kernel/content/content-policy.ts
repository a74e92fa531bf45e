import { isPlainObject, requireCount, requireFunction, requireKnownKeys } from '../check.ts';
import { contentLevelIn } from './content-environment.ts';
import { badOption } from '../errors.ts';

/** How much of the content may leave: nothing, only its length, all of it. */
export type ContentLevel = 'none' | 'metadata' | 'full';

/** What becomes of a text, the strictest first. */
export type ContentDecision = 'drop' | 'length' | 'truncate' | 'pass';

/** Where a text is about to leave the process. */
export type TextPlace = 'attribute' | 'event' | 'status' | 'exception' | 'log' | 'metric';

/** Decides about every text that leaves the process as telemetry. */
export interface ContentPolicy {
  /** What becomes of content. */
  readonly content: ContentDecision;
  /** What becomes of messages and stacks of exceptions that hold no content. Default `pass`. Those that hold content obey the stricter of both. */
  readonly exceptions?: ContentDecision | undefined;
  /** Characters that `truncate` leaves. Default 256. */
  readonly maxLength?: number | undefined;
  /**
   * Sees every text before it leaves, ordinary ones too, and gives the text to send in its place. One that throws or gives no string drops the text.
   * Credentials are taken out before it and after it. Of a very long text it gets the beginning.
   */
  readonly redact?: ((text: string, place: TextPlace) => string) | undefined;
}

const decisions: readonly ContentDecision[] = ['drop', 'length', 'truncate', 'pass'];

const levels: Readonly<Record<ContentLevel, ContentPolicy>> = {
  none: Object.freeze({ content: 'drop' }),
  metadata: Object.freeze({ content: 'length' }),
  full: Object.freeze({ content: 'pass' }),
};

/**
 * The policy that a level or a policy stands for, checked and frozen.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
 */
export function requireContentPolicy(option: string, given: unknown): ContentPolicy {
  if (isContentLevel(given)) return levels[given];
  if (!isPlainObject(given)) throw badOption(option, "'none', 'metadata', 'full' or a content policy", given);
  requireKnownKeys(option, given, ['content', 'exceptions', 'maxLength', 'redact']);
  const { content, exceptions, maxLength, redact } = given;
  if (redact !== undefined) requireFunction(`${option}.redact`, redact);
  return Object.freeze<ContentPolicy>({
    content: requireDecision(`${option}.content`, content),
    exceptions: exceptions === undefined ? undefined : requireDecision(`${option}.exceptions`, exceptions),
    maxLength: maxLength === undefined ? undefined : requireCount(`${option}.maxLength`, maxLength),
    redact: redact as ContentPolicy['redact'], // A function; what it gives is checked at each call.
  });
}

/**
 * A level, as a call may ask for.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the option and the value received
 */
export function requireContentLevel(option: string, given: unknown): ContentLevel {
  if (!isContentLevel(given)) throw badOption(option, "'none', 'metadata' or 'full'", given);
  return given;
}

/**
 * The policy of a process: the stricter of the option `content` and the environment, with the redactor of the option; closed when neither says anything.
 *
 * `TRACEWRIGHT_CONTENT` is `none`, `metadata` or `full`. Without it, `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` counts.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the option or the variable
 */
export function contentPolicyOf(given: unknown, environment: Readonly<Record<string, string | undefined>>): ContentPolicy {
  const level = contentLevelIn(environment);
  if (given === undefined) return levels[level ?? 'none'];
  const policy = requireContentPolicy('content', given);
  return level === undefined ? policy : stricter(policy, decisionOf(level));
}

/** What a level decides about content. */
export function decisionOf(level: ContentLevel): ContentDecision {
  return levels[level].content;
}

/** `policy`, with content decided no laxer than by `limit`. The same reference when nothing changes. */
export function stricter(policy: ContentPolicy, limit: ContentDecision): ContentPolicy {
  const content = stricterOf(policy.content, limit);
  return content === policy.content ? policy : Object.freeze<ContentPolicy>({ ...policy, content });
}

export function stricterOf(one: ContentDecision, other: ContentDecision): ContentDecision {
  return decisions.indexOf(one) <= decisions.indexOf(other) ? one : other;
}

function isContentLevel(value: unknown): value is ContentLevel {
  return typeof value === 'string' && Object.hasOwn(levels, value);
}

function requireDecision(option: string, value: unknown): ContentDecision {
  const decision = decisions.find((known) => known === value);
  if (decision === undefined) throw badOption(option, decisions.map((known) => `'${known}'`).join(', '), value);
  return decision;
}
