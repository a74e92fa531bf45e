import type { HrTime, Span, TimeInput, Tracer } from '@opentelemetry/api';
import type { Clock } from '../kernel/clock.ts';

/** Time of a clock as the SDK takes it. A plain number will not do: the SDK takes small ones for times since the process began. */
export function spanTimeOf(clock: Clock): HrTime {
  const nowMs = clock.now();
  const seconds = Math.floor(nowMs / 1000);
  return [seconds, Math.round((nowMs - seconds * 1000) * 1e6)];
}

/**
 * A tracer whose spans start at the time that `timeNow` gives, where their author gives none: in a test with a fake clock, spans of libraries have to
 * stand in the same year as the spans around them.
 */
export function tracerWithTime(tracer: Tracer, timeNow: () => TimeInput | undefined): Tracer {
  // The SDK's `startActiveSpan` goes through `startSpan` of its own object, so one method is all there is to replace.
  const timed: Tracer = Object.create(tracer);
  timed.startSpan = (name, options, parent): Span => {
    const startTime = options?.startTime ?? timeNow();
    return tracer.startSpan(name, startTime === undefined ? options : { ...options, startTime }, parent);
  };
  return timed;
}
