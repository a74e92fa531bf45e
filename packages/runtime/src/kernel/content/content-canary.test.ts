import { diag, type Tracer } from '@opentelemetry/api';
import { JsonLogsSerializer, JsonTraceSerializer, ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  agent,
  block,
  type Body,
  cache,
  content,
  type HookMode,
  hookType,
  type Interceptor,
  type Operation,
  retry,
  type RunOptions,
  type Runtime,
  type RuntimeOptions,
  timeout,
  user,
} from 'tracewright';
import { type BridgedConsole, bridgeConsole } from 'tracewright/otel';
import { type Canaries, fakeClock, plantCanaries, recordTraces } from 'tracewright/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.stubEnv('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN', 'logs/dup'));
afterEach(() => vi.unstubAllEnvs());

/** What a field needs to send `text` out. */
interface Planting {
  readonly text: string;
  readonly runtime: Runtime;
  readonly call: RunOptions;
  /** Bridged to log records. */
  readonly printer: BridgedConsole;
  /** Of a library. */
  readonly tracer: Tracer;
  /** For headers of calls to others. */
  readonly headers: object[];
}

/** Sends a text out by one field. What it throws was told to an operation already. */
type Plant = (planting: Planting) => unknown;
type Fields = Readonly<Record<string, Plant>>;

const chat: Operation = { name: 'chat', carriesContent: true };
const asked = hookType<object>()('asked');
const sender = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

const works = ({ runtime, call }: Planting, body: Body<unknown>) => runtime.run('work', body, call);
const belongs = ({ runtime, call }: Planting, extend: Record<string, string>, body: Body<unknown> = () => undefined) =>
  runtime.run('work', body, { ...call, identity: { extend } });
const links = ({ runtime, call }: Planting, attributes: Operation['attributes']) =>
  runtime.run({ name: 'work', links: [{ context: sender, attributes: { ...attributes } }] }, () => undefined, call);

async function failWith(error: unknown): Promise<never> {
  throw error;
}

/** A call of a model that fails. */
const fails = ({ runtime, call, text }: Planting, error: unknown = new Error(text), ...interceptors: Interceptor[]) =>
  runtime.run({ ...chat, interceptors }, () => failWith(error), call);
/** What an operation without content makes of the failure of a call of a model. */
const wraps = ({ runtime, call, text }: Planting, wrap: (error: Error) => unknown, thrown: unknown = new Error(text)) =>
  runtime.run(
    'request',
    (scope) =>
      scope
        .run(chat, () => failWith(thrown))
        .catch((error: unknown) => failWith(wrap(error instanceof Error ? error : new Error(String(error), { cause: error })))),
    call,
  );
/** A hook that is asked by a call of a model. */
const asks = ({ runtime, call }: Planting, answer: () => undefined | ReturnType<typeof block>, mode: HookMode = 'sequential') =>
  runtime.run(chat, (scope) => scope.fire(asked, () => ({})), { ...call, hooks: [{ hook: asked, run: answer, mode }] });
async function* failsMidway(text: string) {
  yield 1;
  await failWith(new Error(text));
}
async function* failsToClose(text: string) {
  try {
    yield 1;
  } finally {
    await failWith(new Error(text));
  }
}

/** Every field by which content can leave. */
const contentFields = {
  attribute: (to) => works(to, (scope) => scope.set({ 'app.prompt': content(to.text) })),
  contentKey: (to) => works(to, (scope) => scope.set({ 'gen_ai.input.messages': to.text })),
  familyOfKeys: (to) => works(to, (scope) => scope.set({ 'db.query.parameter.name': to.text })),
  array: (to) => works(to, (scope) => scope.set({ 'gen_ai.output.messages': ['first', to.text] })),
  event: (to) => works(to, (scope) => scope.event('asked', { prompt: content(to.text) })),
  eventKey: (to) => works(to, (scope) => scope.event('asked', { 'gen_ai.prompt': to.text })),
  link: (to) => links(to, { prompt: content(to.text) }),
  linkKey: (to) => links(to, { 'gen_ai.prompt': to.text }),
  start: ({ runtime, text, call }) =>
    runtime.run({ name: 'work', attributes: { 'gen_ai.tool.call.arguments': text } }, () => undefined, call),
  identity: (to) => belongs(to, { 'gen_ai.prompt': to.text }),
  librarySpan: (to) => belongs(to, { 'gen_ai.prompt': to.text }, () => to.tracer.startSpan('query').end()),
  logRecord: (to) => belongs(to, { 'gen_ai.prompt': to.text }, () => to.printer.log('a line')),
  message: (to) => fails(to),
  stack: (to) => fails(to, Object.assign(new Error('no answer'), { stack: `Error: ${to.text}\n    at chat (chat.ts:1:1)` })),
  name: (to) => fails(to, Object.assign(new Error('no answer'), { name: to.text, stack: `${to.text}: no answer\n    at chat.ts:1:1` })),
  cause: (to) => fails(to, new Error('no answer', { cause: new Error('no parse', { cause: new Error(to.text) }) })),
  thrownText: (to) => fails(to, to.text),
  thrownObject: (to) => fails(to, { toString: () => to.text }),
  tries: (to) => fails(to, new Error(to.text), retry({ maxAttempts: 2 })),
  waiters: (to) => {
    const once = cache({ key: 'one', ttlMs: 1000 });
    return Promise.all([fails(to, new Error(to.text), once), fails(to, new Error(to.text), once)]);
  },
  lateError: ({ runtime, text, call }) =>
    runtime.run(
      { ...chat, interceptors: [timeout({ timeoutMs: 10 })] },
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(text)))),
      call,
    ),
  abortReason: ({ runtime, text, call }) => {
    const signal = AbortSignal.abort(Object.assign(new Error(text), { name: 'TimeoutError' }));
    return runtime.run(chat, (scope) => scope.derive({ signal }).run('wait', () => undefined), call);
  },
  ancestor: (to) => wraps(to, (error) => error),
  wrapper: (to) => wraps(to, (error) => new Error(`no answer: ${error.message}`, { cause: error })),
  wrapperOfText: (to) => wraps(to, (error) => error, to.text),
  textOfRoot: ({ runtime, text, call }) =>
    runtime.run('request', (scope) => scope.run({ ...chat, root: true }, () => failWith(text)), call),
  textOfTryBelow: ({ runtime, text, call }) =>
    runtime.run({ name: 'request', interceptors: [retry({ maxAttempts: 2 })] }, (scope) => scope.run(chat, () => failWith(text)), call),
  aggregate: (to) => wraps(to, (error) => new AggregateError([new Error('other'), error], `two failed: ${error.message}`)),
  // As Node 24 makes it.
  suppressedError: (to) =>
    wraps(to, (error) => Object.assign(new Error(error.message), { error: new Error('not closed'), suppressed: error })),
  operationWithoutSpan: ({ runtime, text, call }) =>
    runtime.run('request', (scope) => scope.run({ ...chat, name: 'suppressed' }, () => failWith(new Error(text))), call),
  stream: async ({ runtime, text, call }) => {
    for await (const _ of runtime.stream(chat, () => failsMidway(text), call));
  },
  cleanUpOfStream: async ({ runtime, text, call }) => {
    for await (const _ of runtime.stream(chat, () => failsToClose(text), call)) break;
  },
  cleanUpOfLifecycle: ({ runtime, text, call }) =>
    runtime.run(
      'boot',
      () => runtime.lifecycle('worker', (worker) => worker.defer(({ scope }) => scope.run(chat, () => failWith(new Error(text))))).done,
      call,
    ),
  line: ({ runtime, text, call, printer }) => runtime.run(chat, () => printer.info('asked %s', text), call),
  printedError: ({ runtime, text, call, printer }) => runtime.run(chat, () => printer.error(new Error(text)), call),
  blockReason: (to) => asks(to, () => block(to.text)),
  // What is wrong with hooks goes to OpenTelemetry's diagnostic logger, and here from there to the console.
  ignoredBlock: (to) => asks(to, () => block(to.text), 'audit'),
  failedHook: (to) =>
    asks(to, () => {
      throw new Error(to.text);
    }),
} as const satisfies Fields;

/** Fields by which no content leaves, whatever the policy. */
const closedFields = {
  headers: (to) => belongs(to, {}, (scope) => to.headers.push(scope.inject())),
  code: (to) => fails(to, Object.assign(new Error('no answer'), { code: to.text })),
  printedMark: (to) => works(to, () => to.printer.log(content(to.text), String(content(to.text)), [{ text: content(to.text) }])),
  details: (to) => asks(to, () => block('no', { details: { text: to.text } })),
  wrongValue: (to) => works(to, (scope) => scope.set({ text: JSON.parse(JSON.stringify({ nested: to.text })) })),
} as const satisfies Fields;

/** Fields that are no content, but in which a credential may stand. */
const ordinaryFields = {
  attribute: (to) => works(to, (scope) => scope.set({ url: to.text })),
  array: (to) => works(to, (scope) => scope.set({ urls: ['first', to.text] })),
  event: (to) => works(to, (scope) => scope.event('sent', { url: to.text })),
  link: (to) => links(to, { url: to.text }),
  start: ({ runtime, text, call }) => runtime.run({ name: 'work', attributes: { url: text } }, () => undefined, call),
  identity: (to) => belongs(to, { url: to.text }),
  librarySpan: (to) => belongs(to, { url: to.text }, () => to.tracer.startSpan('query').end()),
  logRecord: (to) => belongs(to, { url: to.text }, () => to.printer.log('a line')),
  message: (to) => works(to, () => failWith(new Error(to.text))),
  cause: (to) => works(to, () => failWith(new Error('refused', { cause: new Error(to.text) }))),
  thrownText: (to) => works(to, () => failWith(to.text)),
  line: (to) => works(to, () => to.printer.warn(to.text)),
  // Whoever is above has no credentials, or others.
  ancestor: (to) => to.runtime.run('request', () => works(to, () => failWith(new Error(to.text)))),
  textOfAnother: (to) => to.runtime.run('request', () => works(to, () => failWith(to.text))),
  wrapper: (to) =>
    to.runtime.run('request', () =>
      works(to, () => failWith(new Error(to.text))).catch((cause: unknown) => failWith(new Error(`failed: ${String(cause)}`, { cause }))),
    ),
} as const satisfies Fields;

/** A marker as it is, in base64, in a URL and in JSON. */
function textOf(marker: string): string {
  const base64 = Buffer.from(`x${marker}y`).toString('base64');
  return `${marker} ${base64} https://example.test/?q=${encodeURIComponent(marker)} ${JSON.stringify(marker)}`;
}

interface Setting {
  readonly content?: RuntimeOptions['content'];
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of the call that plants `marker`. */
  readonly call?: (marker: string) => RunOptions;
}

interface Sent<Name extends string> {
  readonly canaries: Canaries<Name>;
  /** What an exporter would send, in the two encodings of OTLP. */
  readonly protobuf: Buffer;
  json(): Buffer;
  readonly headers: object[];
}

/** Sends one marker out by each of `fields`. */
async function send<Name extends string>(fields: Readonly<Record<Name, Plant>>, setting: Setting): Promise<Sent<Name>> {
  for (const [name, value] of Object.entries(setting.environment ?? {})) vi.stubEnv(name, value);
  const { stackTraceLimit } = Error;
  // Frames hold no marker, and to look them up in source maps would take most of the time.
  Error.stackTraceLimit = 1;
  const clock = fakeClock();
  const spans = new InMemorySpanExporter();
  const traces = recordTraces({ clock, processors: [new SimpleSpanProcessor(spans)] });
  const logs = new InMemoryLogRecordExporter();
  const loggerProvider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] });
  const printer: BridgedConsole = { debug() {}, log() {}, info() {}, warn() {}, error() {} };
  using _bridge = bridgeConsole({ console: printer, loggerProvider });
  diag.setLogger({ ...printer, verbose: printer.debug }, { suppressOverrideMessage: true });
  const names = Object.keys(fields) as Name[]; // The keys that the type names.
  const canaries = plantCanaries(names);
  const headers: object[] = [];
  const runtime = traces.runtime({ content: setting.content, loggerProvider, suppress: ['suppressed'], limits: { attributeLength: 2048 } });
  const to = { runtime, printer, headers, tracer: traces.tracer('library') };
  const planted = names.map(async (name): Promise<unknown> => {
    const marker = canaries.values[name];
    return fields[name]({ ...to, text: textOf(marker), call: setting.call?.(marker) ?? {} });
  });
  const settled = Promise.allSettled(planted);
  await clock.advance(1000);
  await settled;
  diag.disable();
  Error.stackTraceLimit = stackTraceLimit;
  const [ended, records] = [spans.getFinishedSpans(), logs.getFinishedLogRecords()];
  const bytes = (...parts: (Uint8Array | undefined)[]): Buffer => Buffer.concat(parts.flatMap((part) => part ?? []));
  return {
    canaries,
    headers,
    protobuf: bytes(ProtobufTraceSerializer.serializeRequest(ended), ProtobufLogsSerializer.serializeRequest(records)),
    json: () => bytes(JsonTraceSerializer.serializeRequest(ended), JsonLogsSerializer.serializeRequest(records)),
  };
}

const found = <Name extends string>({ canaries, protobuf, headers }: Sent<Name>) =>
  canaries.search(Buffer.concat([protobuf, Buffer.from(JSON.stringify(headers))]));

test.each<[string, Setting]>([
  ["the policy 'full'", { content: 'full' }],
  ['TRACEWRIGHT_CONTENT=full', { environment: { TRACEWRIGHT_CONTENT: 'full' } }],
  ["OpenTelemetry's variable", { environment: { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'SPAN_AND_EVENT' } }],
])('by %s, content leaves by every field in every form', async (_, setting) => {
  const sent = await send(contentFields, setting);
  const everything = Object.keys(contentFields).flatMap((name) => ['plain', 'base64', 'url', 'json'].map((form) => ({ name, form })));
  expect(sent.canaries.search(sent.protobuf)).toEqual(everything);
});

const fields: Readonly<Record<string, Plant>> = { ...contentFields, ...closedFields };
test.each<[string, Setting]>([
  ['nothing is said', {}],
  ['a redactor replaces every text', { content: { content: 'pass', redact: () => 'redacted' } }],
  [
    'a redactor fails',
    {
      content: {
        content: 'pass',
        redact: (text) => {
          throw new Error(text);
        },
      },
    },
  ],
  ['eight characters may leave', { content: { content: 'truncate', maxLength: 8 } }],
  ['the environment forbids what the option allows', { content: 'full', environment: { TRACEWRIGHT_CONTENT: 'none' } }],
  ['a call asks for more than the policy allows', { content: 'none', call: () => ({ content: 'full' }) }],
  ['a call asks for less than the policy allows', { content: 'full', call: () => ({ content: 'none' }) }],
])('G7: no content leaves by any field in any form when %s', async (_, setting) => {
  expect(found(await send(fields, setting))).toEqual([]);
});

test('G7: of content that is cut, only the part that is allowed leaves', async () => {
  const { canaries, protobuf } = await send(contentFields, { content: { content: 'truncate', maxLength: 8 } });
  const allowed = (name: keyof typeof contentFields): string => `${textOf(canaries.values[name]).slice(0, 7)}…`;
  const told = protobuf.toString();
  expect(allowed('attribute')).toMatch(/^"\/ cana…$/);
  expect(told.split(allowed('attribute')).length).toBeGreaterThan(20);
  expect(told).not.toContain(textOf(canaries.values.attribute).slice(0, 8));
});

test('G7: where only the length of content may leave, that alone does, in JSON too', async () => {
  const sent = await send(fields, { content: 'metadata' });
  const json = sent.json();
  const lengthOf = (name: string): number => textOf(sent.canaries.values[name] ?? '').length;
  expect(json.toString()).toContain(`{"key":"app.prompt.length","value":{"intValue":${lengthOf('attribute')}}}`);
  expect(json.toString()).toContain(`{"key":"exception.message","value":{"stringValue":"[${lengthOf('message')} characters]"}}`);
  expect(sent.canaries.search(json)).toEqual([]);
});

const fieldsOfCredentials: Readonly<Record<string, Plant>> = { ...fields, ...renamed('ordinary', ordinaryFields) };
const holder = (marker: string) => user('ada', { credentials: { token: marker } });

test.each<[string, Setting]>([
  ['by whom they belong to', { content: 'full', call: (marker) => ({ as: holder(marker) }) }],
  ['by an agent', { content: 'full', call: (marker) => ({ as: agent('helper', { for: agent('planner', { for: holder(marker) }) }) }) }],
  ['through a redactor', { content: { content: 'pass', redact: (text) => `${text} ` }, call: (marker) => ({ as: holder(marker) }) }],
  ['where no content leaves', { content: 'none', call: (marker) => ({ as: holder(marker) }) }],
])('G7: no credential leaves by any field in any form %s', async (_, setting) => {
  expect(found(await send(fieldsOfCredentials, setting))).toEqual([]);
});

test('what is no credential leaves by every ordinary field in every form', async () => {
  const sent = await send(ordinaryFields, { call: () => ({ as: holder('another token') }) });
  expect(new Set(sent.canaries.search(sent.protobuf).map(({ name }) => name))).toEqual(new Set(Object.keys(ordinaryFields)));
});

function renamed(prefix: string, table: Fields): Fields {
  return Object.fromEntries(Object.entries(table).map(([name, plant]) => [`${prefix} ${name}`, plant]));
}
