import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'run'; readonly once: boolean; readonly port: number }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

export const usage = `support-desk: a small HTTP service that prints the traces of its own work

  --once         play one round of callers, print every trace, exit
  --port <port>  listen on this port of 127.0.0.1 (default 3000; any free one with --once)
  --help         show this text

TRACEWRIGHT_CONTENT=full shows the answers of the model in the traces; metadata shows how long they are.
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 sends the same traces to a backend.
NO_COLOR=1 prints without colour; NODE_ENV=production refuses requests that name nobody.`;

/** Reads the command line; whatever is wrong with it comes back as a mistake in words. */
export function readArguments(given: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...given],
      options: { once: { type: 'boolean', default: false }, port: { type: 'string' }, help: { type: 'boolean', default: false } },
    });
    if (values.help) return { kind: 'help' };
    const port = readPort(values.port ?? (values.once ? '0' : '3000'));
    if (port === undefined) return { kind: 'mistake', message: `--port must be a number from 0 to 65535, received "${values.port}"` };
    return { kind: 'run', once: values.once, port };
  } catch (error: unknown) {
    // Node's second sentence explains `--`, which nothing here needs.
    const message = error instanceof Error ? error.message.split('. ', 1)[0] : undefined;
    return { kind: 'mistake', message: message ?? String(error) };
  }
}

function readPort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}
