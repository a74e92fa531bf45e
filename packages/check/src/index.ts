export { type CheckOptions, checkTraces, type Finding } from './check-traces.ts';
export { type RenderOptions, renderTrace, renderTraces } from './render-trace.ts';
export type { Rule, RuleId, Severity, Violation } from './rule.ts';
export { rules } from './rules.ts';
export type { SpanEventRecord, SpanKindName, SpanLinkRecord, SpanRecord, SpanScopeRecord } from './span-record.ts';
export { buildTraces, type MissingParent, nodesOf, type Trace, type TraceLink, type TraceNode } from './trace-tree.ts';
export { describeCaller } from './describe-caller.ts';
