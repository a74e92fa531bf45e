import { badOption } from '../errors.ts';
import type { ContentLevel } from './content-policy.ts';
import { reportFault } from '../telemetry.ts';

const ourVariable = 'TRACEWRIGHT_CONTENT';
/** OpenTelemetry, semantic conventions for GenAI: whether instrumentation captures messages. */
const standardVariable = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

/** Values of the standard variable. It was a boolean first, and says where content goes since. */
const standardValues: Readonly<Record<string, ContentLevel>> = {
  true: 'full',
  span_only: 'full',
  span_and_event: 'full',
  false: 'none',
  no_content: 'none',
};

/**
 * The level that the environment asks for. Our variable is refused where it is wrong; the standard one is read by others too, so that a value that we
 * cannot obey closes the gate and is reported.
 */
export function contentLevelIn(environment: Readonly<Record<string, string | undefined>>): ContentLevel | undefined {
  const ours = environment[ourVariable];
  if (ours !== undefined && ours !== '') {
    if (ours === 'none' || ours === 'metadata' || ours === 'full') return ours;
    throw badOption(ourVariable, "'none', 'metadata' or 'full'", ours);
  }
  const standard = environment[standardVariable]?.trim().toLowerCase();
  return standard === undefined || standard === '' ? undefined : standardLevel(standard);
}

function standardLevel(value: string): ContentLevel {
  if (Object.hasOwn(standardValues, value)) return standardValues[value] ?? 'none';
  const why = value === 'event_only' ? 'content goes on spans and events alike here' : 'it is not a value of this variable';
  reportFault(`no content is recorded for ${standardVariable}=${value.slice(0, 32)}: ${why}`);
  return 'none';
}
