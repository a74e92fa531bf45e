import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type LifecycleHandle, type SignalOptions, type SignalSource, stopOnSignals } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

class FakeProcess extends EventEmitter implements SignalSource {
  readonly pid = 17;
  readonly killed: string[] = [];
  kill(pid: number, name: string): void {
    this.killed.push(`${pid} ${name}`);
  }
  /** Sends signals as the system does: with their names. */
  send(...names: readonly NodeJS.Signals[]): void {
    for (const name of names) this.emit(name, name);
  }
}

function watch(handle: LifecycleHandle, options: SignalOptions = {}): { source: FakeProcess; told: string[]; watching: Disposable } {
  const source = new FakeProcess();
  const told: string[] = [];
  const onSignal = (name: string, action: string): unknown => told.push(`${name} ${action}`);
  return { source, told, watching: stopOnSignals(handle, { process: source, onSignal, ...options }) };
}

const listeners = (source: EventEmitter): number => source.listenerCount('SIGINT') + source.listenerCount('SIGTERM');

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the first %s stops politely; when the lifecycle is done and has settled, nothing listens any more',
  async (name) => {
    using traces = recordTraces();
    const clock = fakeClock();
    const handle = traces.runtime({ clock }).lifecycle('app', async (l) => {
      await aborted(l.grace);
      expect(l.signal.aborted).toBe(false);
    });
    const { source, told } = watch(handle);
    expect(listeners(source)).toBe(2);
    source.send(name);
    expect(listeners(source)).toBe(2);
    await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
    await clock.advance(10_000);
    expect([listeners(source), clock.pending]).toEqual([0, 0]);
    expect(told).toEqual([`${name} stop`]);
  },
);

test.each([
  [['SIGINT', 'SIGINT'], 'terminated', ['stop', 'terminate']],
  [['SIGTERM', 'SIGINT'], 'terminated', ['stop', 'terminate']],
  [['SIGTERM', 'SIGTERM', 'SIGTERM'], 'stopped', ['stop', 'ignore', 'ignore']],
  [['SIGINT', 'SIGTERM'], 'stopped', ['stop', 'ignore']],
  [['SIGINT', 'SIGINT', 'SIGTERM'], 'terminated', ['stop', 'terminate', 'ignore']],
] as const)('%o in a row: the lifecycle is %s', async (signals, status, actions) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace));
  const { source, told } = watch(handle);
  source.send(...signals);
  await expect(handle.done).resolves.toMatchObject({ status });
  expect(told).toEqual(signals.map((name, index) => `${name} ${actions[index]}`));
  expect(source.killed).toEqual([]);
});

test('a third SIGINT is given back to its default; others that listen have had it', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('deaf', () => clock.sleep(1000));
  const { source, told } = watch(handle);
  const other = watch(handle);
  other.source.on('SIGINT', () => undefined);
  for (const each of [source, other.source]) each.send('SIGINT', 'SIGINT', 'SIGINT');
  expect(told).toEqual(['SIGINT stop', 'SIGINT terminate', 'SIGINT default']);
  expect([source.killed, source.listenerCount('SIGINT'), source.listenerCount('SIGTERM')]).toEqual([['17 SIGINT'], 0, 1]);
  expect([other.source.killed, other.source.listenerCount('SIGINT')]).toEqual([[], 1]);
  await clock.advance(1000);
  await handle.done;
});

test('with terminateAfterMs, the first signal starts a deadline', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => aborted(l.signal));
  const { source } = watch(handle, { terminateAfterMs: 5000 });
  source.send('SIGTERM');
  await clock.advance(4999);
  expect(handle.waitingFor()).toEqual(['body']);
  source.send('SIGTERM');
  await clock.advance(1);
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated', reason: { cause: { code: 'TW_TIMEOUT' } } });
});

test('signals may be listened to from inside the lifecycle itself', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const source = new FakeProcess();
  const handle = traces.runtime({ clock }).lifecycle('app', async (l) => {
    const self = l.fork('self', (s) => aborted(s.grace));
    stopOnSignals(self, { process: source, terminateAfterMs: 1000 });
    source.send('SIGTERM');
    await self.done;
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  // That of the settling, and not that of the termination any more.
  expect(clock.pending).toBe(1);
});

test('a disposed watch listens no longer, and the signals can be chosen', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace));
  const { source, watching } = watch(handle, { signals: ['SIGHUP'] });
  expect([listeners(source), source.listenerCount('SIGHUP')]).toEqual([0, 1]);
  watching[Symbol.dispose]();
  source.send('SIGHUP');
  expect([source.listenerCount('SIGHUP'), handle.waitingFor()]).toEqual([0, ['body']]);
  await handle.stop();
});

test('after the end, a SIGTERM is ignored until the program has settled, and a SIGINT is left to its default', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1);
  const { source, told } = watch(handle, { settleMs: 500 });
  await handle.done;
  await clock.advance(499);
  source.send('SIGTERM');
  expect([told, source.listenerCount('SIGINT')]).toEqual([['SIGTERM ignore'], 0]);
  await clock.advance(1);
  expect([listeners(source), clock.pending]).toEqual([0, 0]);
});

test.each([
  ['with settleMs 0', { settleMs: 0 }, () => undefined],
  ['once disposed of', {}, (watching: Disposable) => watching[Symbol.dispose]()],
])('%s, nothing listens after the end', async (_, options, end) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1);
  const { source, watching } = watch(handle, options);
  await handle.done;
  await clock.advance(0);
  end(watching);
  expect([listeners(source), clock.pending]).toEqual([0, 0]);
});

test('a watch that is disposed of after the first signal does not terminate any more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => aborted(l.signal));
  const { source, watching } = watch(handle, { terminateAfterMs: 100 });
  source.send('SIGTERM');
  watching[Symbol.dispose]();
  await clock.advance(1000);
  expect([handle.waitingFor(), clock.pending]).toEqual([['body'], 0]);
  handle.terminate();
  await handle.done;
  expect(clock.pending).toBe(0);
});

test('a hook can have signals stop its lifecycle', async () => {
  using traces = recordTraces();
  const source = new FakeProcess();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace), {
    onStarted: (given) => void stopOnSignals(given, { process: source, settleMs: 0 }),
  });
  source.send('SIGINT', 'SIGINT');
  await expect(handle.done).resolves.toMatchObject({ status: 'terminated' });
});

test('a signal that is named twice is one', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace));
  const { source, told } = watch(handle, { signals: ['SIGINT', 'SIGINT'], settleMs: 0 });
  source.send('SIGINT');
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  expect(told).toEqual(['SIGINT stop']);
});

test('a signal that the system refuses is a wrong option, and nothing is listened to', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', () => 1);
  const refused = new Error('EINVAL');
  class Refusing extends FakeProcess {
    override on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): this {
      if (name === 'SIGTERM') throw refused;
      return super.on(name, listener);
    }
  }
  const source = new Refusing();
  expect(() => stopOnSignals(handle, { process: source })).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', cause: refused }));
  expect(listeners(source)).toBe(0);
  await handle.done;
});

test('wrong options are refused', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', () => 1);
  const before = process.listenerCount('SIGINT');
  for (const options of [
    { signals: [] },
    { signals: 'SIGINT' },
    { signals: ['SIGINT', 'SIGKILL'] },
    { signals: ['SIGSTOP'] },
    { signals: ['SIGTREM'] },
    { signals: ['toString'] },
    { signals: [15] },
    { terminateAfterMs: 0 },
    { settleMs: -1 },
    { onSignal: 1 },
    { timeoutMs: 1 },
    { process: 1 },
    { process: { on: () => undefined, off: () => undefined } },
    { process: Object.assign(new FakeProcess(), { pid: '17' }) },
  ])
    expect(() => stopOnSignals(handle, options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  expect(process.listenerCount('SIGINT')).toBe(before);
  const foreign: unknown = { done: handle.done };
  expect(() => stopOnSignals(foreign as LifecycleHandle)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  await handle.done;
});

/** A program whose lifecycle waits for nothing but its signals; `deaf` to all of them, or polite. */
function program(body: string): string {
  return `
    import { createRuntime, exitCode, stopOnSignals } from 'tracewright';
    const handle = createRuntime().lifecycle('app', async (l) => { ${body} });
    stopOnSignals(handle, { onSignal: (name, action) => console.log(name, action) });
    console.log('ready');
    const outcome = await handle.done;
    console.log(outcome.status);
    process.exitCode = exitCode(outcome);
  `;
}

/** Runs a program, sends it the next signal after each line that it prints, and gives its lines, exit code and the signal that ended it. */
async function runWith(source: string, signals: NodeJS.Signals[]): Promise<unknown> {
  const flags = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module', '--eval', source];
  const here = fileURLToPath(new URL('.', import.meta.url));
  const child = spawn(process.execPath, flags, { cwd: here, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const signal = signals.shift();
    if (signal !== undefined) child.kill(signal);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]; // What Node documents of this event.
  return { lines: text.trim().split('\n'), code, signal };
}

test('a process that waits for nothing but a signal stays alive, stops politely and exits with 0', async () => {
  const polite = program(`await new Promise((resolve) => l.stopping.addEventListener('abort', resolve));`);
  await expect(runWith(polite, ['SIGTERM'])).resolves.toEqual({ lines: ['ready', 'SIGTERM stop', 'stopped'], code: 0, signal: null });
}, 30_000);

test('a process whose lifecycle is done survives a further SIGTERM while it settles, and is not kept alive by that', async () => {
  const settling = `
    const handle = createRuntime().lifecycle('app', (l) => new Promise((resolve) => l.stopping.addEventListener('abort', resolve)));
    stopOnSignals(handle);
    console.log('ready');
    await handle.done;
    console.log('done');
    await new Promise((resolve) => setTimeout(resolve, 500)); // As closing a runtime and sending its traces take.
    console.log('settled');
  `;
  const source = `import { createRuntime, stopOnSignals } from 'tracewright'; ${settling}`;
  const startedMs = performance.now();
  await expect(runWith(source, ['SIGTERM', 'SIGTERM'])).resolves.toEqual({ lines: ['ready', 'done', 'settled'], code: 0, signal: null });
  expect(performance.now() - startedMs).toBeLessThan(10_000);
}, 30_000);

test('a process that reacts to nothing is ended by the third SIGINT', async () => {
  const deaf = program('await new Promise(() => undefined);');
  const lines = ['ready', 'SIGINT stop', 'SIGINT terminate', 'SIGINT default'];
  await expect(runWith(deaf, ['SIGINT', 'SIGINT', 'SIGINT'])).resolves.toEqual({ lines, code: null, signal: 'SIGINT' });
}, 30_000);
