import { createRuntime } from 'tracewright';
import { readArguments, usage } from './arguments.ts';
import { fallbackFor } from './callers.ts';
import { createClient } from './client.ts';
import { colourTraces, wantsColour } from './colours.ts';
import { describeListenError, listen } from './listen.ts';
import { scriptedModel } from './model.ts';
import { playInTurn, playRounds } from './rounds.ts';
import { shutDown } from './shutdown.ts';
import { stopSignal } from './stop-signal.ts';
import { openDesk } from './support-desk.ts';
import { startDeskTelemetry } from './telemetry.ts';
import { type FinishedTrace, TracePrinter } from './trace-printer.ts';
import { traceText } from './trace-text.ts';

const serviceName = 'support-desk';
const print = (text: string): void => console.log(text);

/** Opens the desk, lets the callers play, and closes it in order. */
async function run({ once, port }: { readonly once: boolean; readonly port: number }): Promise<void> {
  const stop = stopSignal();
  const paint = wantsColour(process.stdout, process.env) ? colourTraces : (text: string): string => text;
  // Durations differ from run to run, and the output of one round is there to be compared.
  const draw = (trace: FinishedTrace): void => print(paint(traceText(trace, { durations: !once })));
  const held: FinishedTrace[] = [];
  const printer = new TracePrinter((trace) => (once ? held.push(trace) : draw(trace)));

  const telemetry = await startDeskTelemetry(serviceName, printer);
  const runtime = createRuntime({ service: { name: serviceName, principalId: serviceName } });
  const mode = process.env['NODE_ENV'] === 'production' ? 'production' : 'development';
  const desk = openDesk({ runtime, model: scriptedModel(), fallback: fallbackFor(mode, serviceName) });
  const server = await listen(desk.app, port);

  const stage = { desk, client: createClient(server.origin), stop, print };
  const drawHeld = (): void => {
    for (const trace of held.splice(0).toSorted((one, other) => one.number - other.number)) draw(trace);
  };
  try {
    if (once) {
      await playInTurn(stage, () => printer.idle().then(drawHeld));
    } else {
      print(`The desk listens on ${server.origin}. Open a ticket of your own, and follow it:\n${examples(server.origin)}\n`);
      await playRounds(stage);
    }
  } finally {
    await shutDown({ desk, runtime, telemetry, server }, print);
    drawHeld();
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
