import { type Context, context, createContextKey } from '@opentelemetry/api';
import { instrumentationScope } from '@tracewright/conventions';
import { format } from 'node:util';
import { attributesOf, logTextIn } from '../kernel/ambient.ts';
import { globalLoggerProvider, type LoggerProviderLike } from '../kernel/logs.ts';
import { guarded } from '../kernel/telemetry.ts';
import { version } from '../kernel/version.ts';

type ConsoleMethod = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** The part of a console that is bridged. */
export type BridgedConsole = Record<ConsoleMethod, (...values: unknown[]) => void>;

/** Numbers and names of the log data model of OpenTelemetry. */
const severities: Readonly<Record<ConsoleMethod, { number: number; text: string }>> = {
  debug: { number: 5, text: 'DEBUG' },
  log: { number: 9, text: 'INFO' },
  info: { number: 9, text: 'INFO' },
  warn: { number: 13, text: 'WARN' },
  error: { number: 17, text: 'ERROR' },
};

/** Set by the SDK around its exports (same description, same key, in every version): what is printed there must not be exported in turn. */
const suppressed = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Makes every `debug`, `log`, `info`, `warn` and `error` of a console also an OpenTelemetry log record: in the active trace, with identity and caller of
 * the active scope, the text as it is printed, as far as the content policy lets it. Printing itself stays as it was.
 *
 * @param options.console default the global one
 * @param options.loggerProvider default the host's global one, looked up at each record
 * @returns a handle that gives the console its own methods back when disposed of
 */
export function bridgeConsole(
  options: { readonly console?: BridgedConsole; readonly loggerProvider?: LoggerProviderLike } = {},
): Disposable {
  const bridged: BridgedConsole = options.console ?? console;
  const bridge = { active: true, emitting: false };
  // The keys of `severities` are exactly the methods; Object.keys widens them to string.
  const restores = (Object.keys(severities) as ConsoleMethod[]).map((method) => {
    const original = bridged[method];
    const replacement = (...values: unknown[]): void => {
      original.apply(bridged, values);
      // A record that prints while it is emitted would emit itself for ever.
      if (!bridge.active || bridge.emitting) return;
      bridge.emitting = true;
      guarded('emitting a console line', () => emit(options.loggerProvider ?? globalLoggerProvider(), method, values));
      bridge.emitting = false;
    };
    bridged[method] = replacement;
    return () => {
      // Whoever wrapped the method after us keeps working: our part of it falls silent.
      if (bridged[method] === replacement) bridged[method] = original;
    };
  });
  return {
    [Symbol.dispose]() {
      bridge.active = false;
      for (const restore of restores) restore();
    },
  };
}

function emit(provider: LoggerProviderLike | undefined, method: ConsoleMethod, values: readonly unknown[]): void {
  const active: Context = context.active();
  if (provider === undefined || active.getValue(suppressed) === true) return;
  const { number, text } = severities[method];
  provider.getLogger(instrumentationScope, version).emit({
    severityNumber: number,
    severityText: text,
    body: logTextIn(active, format(...values)) ?? '',
    attributes: attributesOf(active) ?? {},
    context: active,
  });
}
