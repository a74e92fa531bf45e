import { createRuntime } from 'tracewright';
import { memoryTransport } from 'tracewright/component';
import { readArguments, usage } from './arguments.ts';
import { fallbackFor } from './callers.ts';
import { createClient } from './client.ts';
import { colourTraces, wantsColour } from './colours.ts';
import { exitOf } from './exit-code.ts';
import { describeListenError, listen } from './listen.ts';
import { scriptedPartners } from './partners.ts';
import { playInTurn, playRounds } from './rounds.ts';
import { shutDown } from './shutdown.ts';
import { stopBySignals } from './stop-by-signals.ts';
import { openDesk } from './support-desk.ts';
import { startDeskTelemetry } from './telemetry.ts';
import { type FinishedTrace, TracePrinter } from './trace-printer.ts';
import { traceText } from './trace-text.ts';

const serviceName = 'support-desk';
const print = (text: string): void => console.log(text);
/** Nothing but the callers shall happen in the one round that is there to be compared. */
const courierHoldsForMs = { once: 3_600_000, live: 10_000 };

/** Opens the desk, lets the callers play, and closes it in order. */
async function run({ once, port }: { readonly once: boolean; readonly port: number }): Promise<void> {
  const paint = wantsColour(process.stdout, process.env) ? colourTraces : (text: string): string => text;
  // Durations differ from run to run, and the output of one round is there to be compared.
  const draw = (trace: FinishedTrace): void => print(paint(traceText(trace, { durations: !once })));
  const held: FinishedTrace[] = [];
  const drawHeld = (): void => {
    for (const trace of held.splice(0).toSorted((one, other) => one.number - other.number)) draw(trace);
  };
  const printer = new TracePrinter((trace) => (once ? held.push(trace) : draw(trace)));

  const telemetry = await startDeskTelemetry(serviceName, printer);
  const server = await listen(port);
  const runtime = createRuntime({ service: { name: serviceName, principalId: serviceName } });
  const mode = process.env['NODE_ENV'] === 'production' ? 'production' : 'development';
  const partners = scriptedPartners({ courierHoldsForMs: once ? courierHoldsForMs.once : courierHoldsForMs.live });
  const desk = await openDesk({ runtime, partners, transport: memoryTransport(), fallback: fallbackFor(mode, serviceName), server });

  const stop = stopBySignals(desk.deployment.lifecycle, print);
  const stage = { desk, client: createClient(server.origin), stop: stop.signal, print };
  try {
    if (once) {
      await playInTurn(stage, () => printer.idle().then(drawHeld));
    } else {
      print(`The desk listens on ${server.origin}. Open a ticket of your own, and follow it:\n${examples(server.origin)}\n`);
      await playRounds(stage);
    }
  } finally {
    const tell = (line: string): void => {
      drawHeld();
      print(line);
    };
    const exit = exitOf(await shutDown({ desk, runtime, telemetry, server }, tell), stop.isInterrupted);
    if (exit.why !== undefined) print(`Exit:     ${exit.code}; ${exit.why}.`);
    process.exitCode = exit.code;
  }
}

function examples(origin: string): string {
  const open = `curl -H 'x-user: me' -H 'content-type: application/json' -d '{"subject": "Where is my parcel?"}' ${origin}/tickets`;
  return `  ${open}\n  curl -N -H 'x-user: me' ${origin}/tickets/T-1/events`;
}

const command = readArguments(process.argv.slice(2));
switch (command.kind) {
  case 'help':
    print(usage);
    break;
  case 'mistake':
    console.error(`${command.message}\n\n${usage}`);
    process.exitCode = 2;
    break;
  case 'run':
    try {
      await run(command);
      // All is flushed and closed. An export to a dead endpoint, given up by now, would keep its timer for seconds.
      process.exit();
    } catch (error: unknown) {
      const known = describeListenError(error, command.port);
      if (known === undefined) throw error;
      console.error(known);
      process.exitCode = 1;
    }
}
