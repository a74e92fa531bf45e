import {
  type AttributeValue,
  INVALID_SPAN_CONTEXT,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { attributes, errorTypes } from '@tracewright/conventions';
import type { AttributeValues } from './attributes.ts';
import type { Cancellation } from './cancellation.ts';
import { isObject } from './check.ts';
import type { Clock } from './clock.ts';
import type { Secrets } from './content/redaction.ts';
import { describeFailure, learnFailure } from './describe-failure.ts';
import { TracewrightError } from './errors.ts';
import type { KernelSettings } from './kernel.ts';
import type { Plan } from './operation.ts';
import { type Failure, isFault } from './outcome.ts';
import { toSpanTime } from './span-time.ts';
import type { StreamSeam } from './streams/stream-seam.ts';
import { guarded, reportFault } from './telemetry.ts';

/** What starts with a span, and is fixed by then. */
export interface SpanStart {
  readonly context: Context;
  readonly attributes: AttributeValues;
  readonly links?: Link[] | undefined;
  readonly root?: boolean;
  /** Whether the messages of errors are content. */
  readonly carriesContent?: boolean;
  /** When the work started, where that has passed already. Milliseconds since the Unix epoch. */
  readonly startedAt?: number | undefined;
}

const noSpan: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Work that acts for very many, one after the other, must not keep the credentials of all. */
const maxActedFor = 100;

/**
 * A span between its start and its end, in the tree of what is open. The only place in Tracewright that starts and ends spans.
 *
 * It ends exactly once. Children that are still open when their owner ends are ended first, as failed with `error.type=span_not_ended`, so
 * that nothing is open below an ended span.
 */
export class OpenSpan {
  readonly name: string;
  readonly span: Span;
  /** What interceptors see of the stream whose span this is. */
  streaming: StreamSeam | undefined;
  readonly #settings: KernelSettings;
  #owner: OpenSpan | undefined;
  #firstChild: OpenSpan | undefined;
  #previous: OpenSpan | undefined;
  #next: OpenSpan | undefined;
  #onEmpty: (() => void) | undefined;
  #ended = false;
  #suppressed = false;
  #isGround = false;
  #mayOutliveOwner = false;
  #outlivedOwner = false;
  #staysWithOwner = false;
  #isStraggler = false;
  #carriesContent = false;
  /** Failures of children that are recorded already: the same one is not recorded again on its way up. */
  #recorded: WeakSet<object> | undefined;
  #actedFor: Set<Secrets> | undefined;
  #onStraggling: (() => void) | undefined;
  #cancellations: Cancellation[] | undefined;

  private constructor(owner: OpenSpan | KernelSettings, name: string, span: Span) {
    this.name = name;
    this.span = span;
    if (!(owner instanceof OpenSpan)) {
      this.#settings = owner;
      return;
    }
    this.#settings = owner.#settings;
    this.#enter(owner);
  }

  /** The root of the tree: a runtime. It has no span of its own. */
  static forRuntime(settings: KernelSettings): OpenSpan {
    const root = new OpenSpan(settings, 'runtime', noSpan);
    root.#isGround = true;
    return root;
  }

  /** A node for what lives long below `owner`, and has no span of its own: a lifecycle. */
  static ground(owner: OpenSpan, name: string): OpenSpan {
    const ground = new OpenSpan(owner, name, noSpan);
    ground.#isGround = true;
    return ground;
  }

  /**
   * A node for a part of `owner`'s work that others wait for too: it shares the owner's span, and where the owner ends first, the nearest ground above takes it
   * over in place of ending it.
   */
  static sharing(owner: OpenSpan, name: string): OpenSpan {
    const shared = new OpenSpan(owner, name, owner.span);
    shared.#suppressed = true;
    shared.#mayOutliveOwner = true;
    shared.#carriesContent = owner.#carriesContent;
    return shared;
  }

  /** Starts a span owned by `owner`. A suppressed operation has none of its own: its children attach to the nearest span above. */
  static start(owner: OpenSpan, plan: Plan, start: SpanStart): OpenSpan {
    const settings = owner.#settings;
    const isSuppressed = settings.suppress.size > 0 && settings.suppress.has(plan.name);
    const span = isSuppressed ? suppressedSpan(start) : startSpan(settings, plan, start);
    const opened = new OpenSpan(owner, plan.name, span);
    opened.#suppressed = isSuppressed;
    opened.#carriesContent = start.carriesContent === true;
    return opened;
  }

  /** Whether the operation has no span of its own: what it has to tell, the one above tells. */
  get suppressed(): boolean {
    return this.#suppressed;
  }

  /** Whether this is what operations stand on, a runtime or a lifecycle, and no operation itself. */
  get isGround(): boolean {
    return this.#isGround;
  }

  /** Whether the operation whose span this shares has ended, and left this to its ground. */
  get outlivedOwner(): boolean {
    return this.#outlivedOwner;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the span can still be written on. Work that others wait for too may go on after the span that it shares has ended. */
  get isWritable(): boolean {
    return !this.#ended && !this.#outlivedOwner;
  }

  /** Says something on the span, where it can still be written on. Hot. */
  note(key: string, value: AttributeValue): void {
    if (!this.isWritable) return;
    try {
      this.span.setAttribute(key, value);
    } catch (error) {
      reportFault(`setting ${key} failed`, error);
    }
  }

  /** Whether the owner has ended this span, because its work had not: nobody waits for that any longer. */
  get isStraggler(): boolean {
    return this.#isStraggler;
  }

  /** Resolves when no child is open, at the latest after `timeoutMs` where one is given. */
  emptied(clock: Clock, timeoutMs?: number): Promise<void> {
    if (this.#firstChild === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#onEmpty = undefined;
        resolve();
      };
      const cancel = timeoutMs === undefined ? () => undefined : clock.setTimer(done, timeoutMs);
      this.#onEmpty = done;
    });
  }

  get spanContext(): SpanContext {
    return guarded('reading a span context', () => this.span.spanContext()) ?? INVALID_SPAN_CONTEXT;
  }

  /** Releases `cancellation` when the span ends. What lives long would only collect them: there nothing is kept. */
  releaseAtEnd(cancellation: Cancellation): void {
    if (this.#ended) cancellation.release();
    else if (!this.#isGround) (this.#cancellations ??= []).push(cancellation);
  }

  /** Names of the open spans below, as paths from here, in the order in which they were started. */
  *openPaths(prefix = ''): Generator<string> {
    const children: OpenSpan[] = [];
    for (let child = this.#firstChild; child !== undefined; child = child.#next) children.unshift(child);
    for (const child of children) {
      // A ground stands in the paths of what runs on it, and for itself only where nothing does.
      const isPartOfOwner = child.#mayOutliveOwner && !child.#outlivedOwner;
      if (isPartOfOwner) {
        yield* child.openPaths(prefix);
        continue;
      }
      if (!child.#isGround || child.#firstChild === undefined) yield prefix + child.name;
      yield* child.openPaths(`${prefix + child.name} > `);
    }
  }

  /** The nodes of shared work that this is in, the innermost first. */
  *sharedWork(): Generator<OpenSpan> {
    if (this.#mayOutliveOwner) yield this;
    if (this.#owner !== undefined) yield* this.#owner.sharedWork();
  }

  /** Called when the owner ends this span, before it is ended. */
  onStraggling(listener: () => void): void {
    this.#onStraggling = listener;
  }

  /**
   * Describes a failure on the span; the exception only where no child has recorded it. Does nothing after the end.
   *
   * @param context in which the work ran, for an exception that becomes a log record
   */
  fail(failure: Failure, context: Context): void {
    if (this.#ended) return;
    const { span } = this;
    const settings = this.#settings;
    const limit = learnFailure(failure.error, { context, settings, carriesContent: this.#carriesContent, actedFor: this.#actedFor ?? [] });
    const isRecorded = isObject(failure.error) && this.#recorded?.has(failure.error) === true;
    if (this.#suppressed) {
      if (isRecorded) this.#rememberAtOwner(failure.error);
      return;
    }
    guarded('recording a failure', () => describeFailure(failure, { span, context, settings, limit, isRecorded }));
    if (isFault(failure)) this.#rememberAtOwner(failure.error);
  }

  /** Remembers that the work went on as somebody with these credentials: its errors may hold them. */
  actsFor(secrets: Secrets): void {
    if (this.#isGround || this.#ended) return;
    const actedFor = (this.#actedFor ??= new Set());
    actedFor.delete(secrets);
    actedFor.add(secrets);
    if (actedFor.size <= maxActedFor) return;
    for (const oldest of actedFor) {
      actedFor.delete(oldest);
      return;
    }
  }

  /** Has work that others waited for end with its owner after all, as nobody waits any longer. */
  stayWithOwner(): void {
    this.#staysWithOwner = true;
  }

  /** Takes over what is known to be recorded from the operation above, for work of it that is described only afterwards. */
  knowWhatOwnerKnows(): void {
    const owner = this.#owner;
    if (owner !== undefined) this.#recorded = owner.#recorded;
  }

  /** Takes `error` for recorded: by the operation whose work this one waited for. */
  knowRecorded(error: unknown): void {
    if (isObject(error)) (this.#recorded ??= new WeakSet()).add(error);
  }

  /** Has the owner know that `error` is recorded. A ground has no span to record on, and would only collect errors for as long as it lives. */
  #rememberAtOwner(error: unknown): void {
    const owner = this.#owner;
    if (owner === undefined || owner.#isGround || !isObject(error)) return;
    // Weakly: an operation that lives long must not keep every error that its children had. Other values than objects have no identity to go by.
    (owner.#recorded ??= new WeakSet()).add(error);
  }

  /** Ends the span, once; later calls do nothing. `last` is what is only known now. */
  end(last?: AttributeValues): void {
    if (this.#ended) return;
    this.#ended = true;
    while (this.#firstChild !== undefined) this.#firstChild.#endWithOwner();
    this.#leaveOwner();
    this.#recorded = undefined;
    this.#actedFor = undefined;
    if (this.#cancellations !== undefined) for (const cancellation of this.#cancellations) cancellation.release();
    this.#cancellations = undefined;
    if (this.#suppressed) return;
    try {
      if (last !== undefined) this.span.setAttributes(last);
    } catch (error) {
      reportFault('setting the last attributes of a span failed', error);
    }
    try {
      this.span.end(this.#settings.spanTime());
    } catch (error) {
      reportFault('ending a span failed', error);
    }
  }

  /** What the signal of abandoned work aborts with. */
  get abandoned(): TracewrightError<'TW_SCOPE_ENDED'> {
    return new TracewrightError('TW_SCOPE_ENDED', `${this.name} was still running when the operation that owns it ended`, {
      data: { operation: this.name },
    });
  }

  /** Marks work that its owner did not wait for. */
  markNotEnded(): void {
    if (this.#ended) return;
    this.#settings.health.count('notEnded');
    if (this.#suppressed) return;
    guarded('recording a straggler', () => {
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: `still open when ${this.#owner?.name ?? 'its owner'} ended` });
      this.span.setAttributes({ [attributes.errorType.key]: errorTypes.spanNotEnded, [attributes.outcome.key]: 'error' });
    });
  }

  #endWithOwner(): void {
    const owner = this.#owner;
    if (this.#mayOutliveOwner && !this.#staysWithOwner && owner !== undefined && !owner.#isGround) {
      this.#leaveOwner();
      this.#enter(owner.#ground);
      this.#outlivedOwner = true;
      return;
    }
    this.#isStraggler = true;
    this.#onStraggling?.();
    this.markNotEnded();
    for (const cancellation of this.#cancellations ?? []) cancellation.abort(this.abandoned);
    this.end();
  }

  get #ground(): OpenSpan {
    return this.#isGround || this.#owner === undefined ? this : this.#owner.#ground;
  }

  #enter(owner: OpenSpan): void {
    this.#owner = owner;
    this.#next = owner.#firstChild;
    if (this.#next !== undefined) this.#next.#previous = this;
    owner.#firstChild = this;
  }

  #leaveOwner(): void {
    if (this.#previous !== undefined) this.#previous.#next = this.#next;
    else if (this.#owner !== undefined) this.#owner.#firstChild = this.#next;
    if (this.#next !== undefined) this.#next.#previous = this.#previous;
    if (this.#owner !== undefined && this.#owner.#firstChild === undefined) this.#owner.#onEmpty?.();
    this.#previous = undefined;
    this.#next = undefined;
    this.#owner = undefined;
  }
}

/** In place of the span of a suppressed operation: its children attach to the nearest one above. */
function suppressedSpan({ root, context }: SpanStart): Span {
  return root === true ? noSpan : passThrough(context);
}

/** The span of `plan`, started. Never throws: where the tracer does, what is below still has a parent. */
function startSpan(settings: KernelSettings, plan: Plan, start: SpanStart): Span {
  try {
    const options: SpanOptions = { kind: plan.kind, attributes: start.attributes };
    if (start.links !== undefined) options.links = start.links;
    if (start.root === true) options.root = true;
    const time = start.startedAt === undefined ? settings.spanTime() : toSpanTime(start.startedAt);
    if (time !== undefined) options.startTime = time;
    return settings.tracer.startSpan(plan.name, options, start.context);
  } catch (error) {
    reportFault('starting a span failed', error);
    return passThrough(start.context);
  }
}

/** A span that records nothing and hands the identity of the one above through, so that what is below has a parent that exists. */
function passThrough(context: Context): Span {
  return trace.wrapSpanContext(guarded('reading the active span', () => trace.getSpanContext(context)) ?? INVALID_SPAN_CONTEXT);
}
