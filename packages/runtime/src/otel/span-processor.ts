import type { Attributes, Context, Span } from '@opentelemetry/api';
import { instrumentationScope } from '@tracewright/conventions';
import { attributesOf, identityOf } from '../kernel/ambient.ts';
import { reportFault } from '../kernel/telemetry.ts';

/** A span processor of the OpenTelemetry SDK, by shape: it fits providers of SDK 2 and SDK 3. */
export interface IdentitySpanProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnd(span: unknown): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Puts the identity of the active scope, and who executes, on every span that libraries and the host start inside it. A value set where the span
 * was started wins. Spans of the runtime have theirs already and are left alone. Never throws.
 *
 * @param options.caller whether spans of others also carry `execution.context` and `caller.id`. Default true
 */
export function spanProcessor({ caller = true }: { readonly caller?: boolean } = {}): IdentitySpanProcessor {
  const attributesFor = caller ? attributesOf : identityOf;
  return {
    onStart(span, parentContext) {
      try {
        const ambient = attributesFor(parentContext);
        if (ambient !== undefined && !isOurs(span)) stamp(span, ambient);
      } catch (error) {
        reportFault('putting identity on a span failed', error);
      }
    },
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function isOurs(span: object): boolean {
  // SDK 1 calls the scope `instrumentationLibrary`.
  const scope: unknown = Reflect.get(span, 'instrumentationScope') ?? Reflect.get(span, 'instrumentationLibrary');
  return typeof scope === 'object' && scope !== null && 'name' in scope && scope.name === instrumentationScope;
}

/** One call, and none when the call site has set everything: the SDK checks every value of every call. */
function stamp(span: Span, ambient: Readonly<Attributes>): void {
  const own: unknown = Reflect.get(span, 'attributes');
  if (typeof own !== 'object' || own === null || !Object.keys(ambient).some((key) => Object.hasOwn(own, key))) {
    span.setAttributes(ambient);
    return;
  }
  const missing = Object.entries(ambient).filter(([key]) => !Object.hasOwn(own, key));
  if (missing.length > 0) span.setAttributes(Object.fromEntries(missing));
}
