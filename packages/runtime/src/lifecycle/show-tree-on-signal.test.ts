import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type LifecycleHandle, type ShowTreeOptions, showTreeOnSignal, type SignalSource } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test, vi } from 'vitest';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

class FakeProcess extends EventEmitter implements SignalSource {}

function watch(handle: LifecycleHandle, options: ShowTreeOptions = {}) {
  const source = new FakeProcess();
  const written: string[] = [];
  const watching = showTreeOnSignal(handle, { process: source, write: (text) => written.push(text), ...options });
  return { source, written, watching, listeners: () => source.eventNames() };
}

test('each signal prints the tree as it is then', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    l.fork('child', (c) => aborted(c.grace));
    return clock.sleep(2000);
  });
  const { source, written } = watch(handle);
  source.emit('SIGUSR2');
  await clock.advance(3000);
  source.emit('SIGUSR2');
  expect(written).toEqual([
    'app       running  0 ms  waiting for body\n└─ child  running  0 ms  waiting for body\n',
    'app       running  3 s\n└─ child  running  3 s  waiting for body\n',
  ]);
  await handle.stop();
});

test('when the lifecycle is done and has settled, nothing listens any more', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1);
  const { source, written, listeners } = watch(handle);
  await handle.done;
  await clock.advance(9999);
  source.emit('SIGUSR2');
  expect(written).toEqual(['app  done  0 ms\n']);
  await clock.advance(1);
  expect([listeners(), clock.pending]).toEqual([[], 0]);
});

test('with settleMs 0, nothing listens after the end', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', () => 1);
  const { listeners } = watch(handle, { settleMs: 0 });
  await handle.done;
  await clock.advance(0);
  expect([listeners(), clock.pending]).toEqual([[], 0]);
});

test('once disposed of, nothing listens, before the end and after it', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => aborted(l.grace));
  const [before, after] = [watch(handle), watch(handle)];
  before.watching[Symbol.dispose]();
  expect(before.listeners()).toEqual([]);
  await handle.stop();
  await clock.advance(1);
  expect(clock.pending).toBe(1);
  after.watching[Symbol.dispose]();
  expect([before.listeners(), after.listeners(), clock.pending]).toEqual([[], [], 0]);
});

test('another signal can be chosen, and a hook can watch what it was given', async () => {
  using traces = recordTraces();
  const watches: ReturnType<typeof watch>[] = [];
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace), {
    onStarted: (given) => void watches.push(watch(given, { signal: 'SIGHUP', settleMs: 0 })),
  });
  watches[0]?.source.emit('SIGHUP');
  expect(watches[0]?.written).toEqual([expect.stringMatching(/^app {2}running {2}\d+ ms {2}waiting for body\n$/)]);
  await handle.stop();
});

test.each([
  ['throws', () => expect.fail('the pipe is broken')],
  ['rejects', () => Promise.reject(new Error('the pipe is broken'))],
])('a write that %s changes nothing', async (_, write) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace));
  const { source } = watch(handle, { write, settleMs: 0 });
  source.emit('SIGUSR2');
  await expect(handle.stop()).resolves.toBe(true);
});

test('where the system has no SIGUSR2, nothing happens by default, and a signal that is named is refused', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', (l) => aborted(l.grace));
  const { SIGUSR2, ...others } = constants.signals;
  using _absent = vi.spyOn(constants, 'signals', 'get').mockReturnValue(others as typeof constants.signals); // As on Windows.
  const { listeners, watching } = watch(handle);
  expect([SIGUSR2 > 0, listeners()]).toEqual([true, []]);
  expect(() => watch(handle, { signal: 'SIGUSR2' })).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  watching[Symbol.dispose]();
  await handle.stop();
});

test('a signal that the system refuses is a wrong option', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', () => 1);
  const refused = new Error('EINVAL');
  const source = Object.assign(new FakeProcess(), {
    on: () => {
      throw refused;
    },
  });
  expect(() => showTreeOnSignal(handle, { process: source })).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION', cause: refused }));
  await handle.done;
});

test('wrong options are refused', async () => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', () => 1);
  const before = process.listenerCount('SIGUSR2');
  for (const options of [
    { signal: 'SIGKILL' },
    { signal: 'SIGTREM' },
    { signal: 12 },
    { write: 1 },
    { settleMs: -1 },
    { timeoutMs: 1 },
    { process: 1 },
  ])
    expect(() => showTreeOnSignal(handle, options as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  const foreign: unknown = { tree: () => handle.tree(), done: handle.done };
  expect(() => showTreeOnSignal(foreign as LifecycleHandle)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
  expect(process.listenerCount('SIGUSR2')).toBe(before);
  await handle.done;
});

test('a process prints its tree to standard error for each SIGUSR2, and is not kept alive by that', async () => {
  const program = `
    import { createRuntime, showTreeOnSignal } from 'tracewright';
    const handle = createRuntime().lifecycle('app', (l) => {
      l.fork('child', () => new Promise((resolve) => process.stdin.once('data', resolve)));
    });
    showTreeOnSignal(handle);
    console.log('ready');
    await handle.done;
    process.stdin.destroy();
    console.log('done');
  `;
  const flags = ['--conditions=@tracewright/source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, flags, { cwd: fileURLToPath(new URL('.', import.meta.url)), env: { PATH: process.env['PATH'] } });
  let [errors, trees] = ['', 0];
  child.stdout.once('data', () => child.kill('SIGUSR2'));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
    if (!errors.endsWith('body\n')) return;
    trees += 1;
    if (trees === 2) child.stdin.end('go\n');
    else child.kill('SIGUSR2');
  });
  const startedMs = performance.now();
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]; // What Node documents of this event.
  const line = String.raw`app +running +[\d sm]+\n└─ child +running +[\d sm]+ +waiting for body\n`;
  expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: expect.stringMatching(new RegExp(`^${line}${line}$`)) });
  expect(performance.now() - startedMs).toBeLessThan(10_000);
}, 30_000);
