import { EventEmitter } from 'node:events';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { keypresses, type SignalledProcess } from './keypresses.ts';
import { stopBySignals } from './stop-by-signals.ts';
import { closeDesk, heldModel, openTestDesk, post } from './test-desk.ts';

/** A process that gets signals, and notes when it is told to exit. */
class FakeProcess extends EventEmitter implements SignalledProcess {
  readonly pid = 17;
  readonly exits: number[] = [];
  nowMs = 0;

  exit(code: number): void {
    this.exits.push(code);
  }

  /** @param afterMs since the signal before */
  send(name: NodeJS.Signals, afterMs: number): void {
    this.nowMs += afterMs;
    this.emit(name, name);
  }
}

function signalled(): { readonly source: FakeProcess; readonly signals: ReturnType<typeof keypresses> } {
  const source = new FakeProcess();
  return { source, signals: keypresses(source, () => source.nowMs) };
}

const ticket = '{"subject": "Where is my parcel?"}';

test('the first Ctrl-C lets tickets be answered, and its echo changes nothing', async () => {
  using traces = recordTraces();
  const { model, release } = heldModel();
  const desk = await openTestDesk(traces.runtime(), { model });
  await post(desk, ticket);
  const { source, signals } = signalled();
  const lines: string[] = [];
  const stop = stopBySignals(desk.deployment.lifecycle, (line) => lines.push(line), signals);
  source.send('SIGINT', 1000);
  source.send('SIGINT', 5);
  expect([stop.signal.aborted, stop.isInterrupted, desk.deployment.lifecycle.waitingFor()]).toEqual([
    true,
    false,
    ['desk/reception', 'desk/worker'],
  ]);
  release();
  await expect(desk.deployment.lifecycle.done).resolves.toMatchObject({ status: 'stopped' });
  expect([desk.worker.tally.handled, lines]).toEqual([1, ['\nSIGINT: the desk ends what it has in work. Ctrl-C again cuts it short.']]);
  source.send('SIGINT', 5);
  expect(source.exits).toEqual([]);
  source.send('SIGTERM', 1000);
  expect(source.exits).toEqual([]);
  source.send('SIGINT', 1000);
  expect(source.exits).toEqual([130]);
});

test('a second Ctrl-C cuts tickets short; one after a SIGTERM does too, a second SIGTERM does not', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime(), { model: heldModel().model });
  await post(desk, ticket);
  const { source, signals } = signalled();
  const lines: string[] = [];
  const stop = stopBySignals(desk.deployment.lifecycle, (line) => lines.push(line), signals);
  source.send('SIGTERM', 1000);
  source.send('SIGTERM', 1000);
  expect(stop.isInterrupted).toBe(false);
  source.send('SIGINT', 1000);
  expect(stop.isInterrupted).toBe(true);
  await expect(desk.deployment.lifecycle.done).resolves.toMatchObject({ status: 'terminated' });
  expect(lines).toEqual([
    '\nSIGTERM: the desk ends what it has in work. Ctrl-C again cuts it short.',
    '\nSIGTERM: the desk is stopping already.',
    '\nSIGINT: the desk is cut short.',
  ]);
  expect(traces.open).toEqual([]);
});

test('a third Ctrl-C ends the process', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  const { source, signals } = signalled();
  stopBySignals(desk.deployment.lifecycle, () => undefined, signals);
  for (let count = 0; count < 3; count += 1) source.send('SIGINT', 1000);
  expect(source.exits).toEqual([130]);
  await desk.deployment.lifecycle.done;
});

test('a desk that ends by itself ends the show', async () => {
  using traces = recordTraces();
  const desk = await openTestDesk(traces.runtime());
  const stop = stopBySignals(desk.deployment.lifecycle, () => undefined, signalled().signals);
  await closeDesk(desk);
  expect([stop.signal.aborted, stop.isInterrupted]).toEqual([true, false]);
});
