import type { CloseReport, Runtime } from 'tracewright';
import type { ListeningServer } from './listen.ts';
import type { SupportDesk } from './support-desk.ts';
import type { DeskTelemetry } from './telemetry.ts';

export interface RunningParts {
  readonly desk: SupportDesk;
  readonly runtime: Runtime;
  readonly telemetry: DeskTelemetry;
  readonly server: ListeningServer;
}

const drainTimeoutMs = 5000;
const closeTimeoutMs = 2000;

/** Ends everything in order, each step under a deadline, and tells what it found: intake, queue, runtime, telemetry, server. */
export async function shutDown({ desk, runtime, telemetry, server }: RunningParts, print: (line: string) => void): Promise<void> {
  server.stopAccepting();
  desk.stopIntake();
  const before = desk.worker.answered + desk.worker.failed;
  print(`Stopping: no new requests. ${count(desk.worker.busy, 'ticket')} in work, ${desk.queued} in the queue.`);

  const left = await desk.drain(drainTimeoutMs);
  const drained = desk.worker.answered + desk.worker.failed - before;
  print(
    `Drained:  ${count(drained, 'ticket')} finished${left.length === 0 ? ', none left behind.' : `, left behind: ${left.join(', ')}.`}`,
  );

  print(`Runtime:  ${describeClose(await runtime.close({ timeoutMs: closeTimeoutMs }))}`);
  const delivered = await telemetry.close();
  if (telemetry.endpoint !== undefined) print(`Traces:   ${delivered ? 'sent' : 'not all sent'} to ${telemetry.endpoint}.`);
  await server.close();
}

function describeClose({ running, cancelled, stuck }: CloseReport): string {
  if (running === 0) return 'nothing was running.';
  return `${count(running, 'operation')} running. Cancelled: ${listed(cancelled)}. Stuck: ${listed(stuck)}.`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
