import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CloseReport, Outcome, Runtime } from 'tracewright';
import { count, describeCleanups, describeDrain, describeFailures, describeWaiting, listed } from './describe-end.ts';
import type { ListeningServer } from './listen.ts';
import type { SupportDesk } from './support-desk.ts';
import type { DeskTelemetry } from './telemetry.ts';

export interface RunningParts {
  readonly desk: SupportDesk;
  readonly runtime: Runtime;
  readonly telemetry: DeskTelemetry;
  readonly server: ListeningServer;
}

const closeTimeoutMs = 2000;

/**
 * Ends everything in order, each step under a deadline, and tells what it found: desk, runtime, telemetry, server.
 *
 * @returns how the desk ended
 */
export async function shutDown({ desk, runtime, telemetry, server }: RunningParts, print: (line: string) => void): Promise<Outcome> {
  const { deployment, worker, tickets } = desk;
  const before = { ...worker.tally };
  // Asked before, where it was a signal that began all this.
  void deployment.stop();
  print(`Stopping: no new requests. ${count(before.inFlight, 'ticket')} in work, ${tickets.queued.length} in the queue.\n`);
  await nextTurn();
  const waiting = describeWaiting(desk);
  if (waiting !== undefined) print(`Waiting:  ${waiting}.\n`);

  const outcome = await deployment.done;
  print(`Desk:     ${describeDrain(worker, before, outcome)}`);
  const failures = describeFailures(worker, outcome);
  if (failures !== undefined) print(`Failures: ${failures}.`);
  print(`Cleanups: ${describeCleanups(worker.cleanups)}.`);

  print(`Runtime:  ${describeClose(await runtime.close({ timeoutMs: closeTimeoutMs }))}`);
  const delivered = await telemetry.close();
  if (telemetry.endpoint !== undefined) print(`Traces:   ${delivered ? 'sent' : 'not all sent'} to ${telemetry.endpoint}.`);
  await server.close();
  return outcome;
}

function describeClose({ running, cancelled, stuck }: CloseReport): string {
  if (running === 0) return 'nothing was running.';
  return `${count(running, 'operation')} running. Cancelled: ${listed(cancelled)}. Stuck: ${listed(stuck)}.`;
}
