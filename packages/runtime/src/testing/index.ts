export { type RenderOptions, renderTrace } from '@tracewright/check';
export { type Canaries, type CanaryForm, type CanarySighting, plantCanaries } from './canary.ts';
export { type FakeClock, type FakeClockOptions, fakeClock } from './fake-clock.ts';
export { checkOpenRecorders } from './open-recorders.ts';
export { recordTraces } from './record-traces.ts';
export type { ProviderOptions } from './recorder-provider.ts';
export type { RecordOptions, TraceRecorder } from './trace-recorder.ts';
export { type SpanHistory, toSpanRecord } from './to-span-record.ts';
