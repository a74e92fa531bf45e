import { describeCaller } from './describe-caller.ts';
import { describeDetails } from './describe-details.ts';
import { describeSpan } from './describe-span.ts';
import type { Trace, TraceNode } from './trace-tree.ts';
import { oneLine } from './value-text.ts';

/** What a rendered trace shows beside its shape, names, outcomes, links and events. */
export interface RenderOptions {
  /** Shows how long each span took, in milliseconds. Default: false. */
  readonly durations?: boolean;
  /** Which attributes of spans to show, each on a line of its own. Default: `none`. */
  readonly attributes?: 'none' | 'all' | readonly string[];
  /** Shows who executes, on each line where that differs from the parent’s. Default: true. */
  readonly caller?: boolean;
}

interface Line {
  readonly node: TraceNode;
  readonly callerOfParent: string | undefined;
  /** What stands before the span’s own line, and before the lines below it. */
  readonly head: string;
  readonly rest: string;
}

/**
 * Draws a trace as a text tree made to be read and to be kept as a snapshot. Equal input gives equal text, and no id is in it but the last eight digits
 * of a link’s target that the recording does not hold.
 */
export function renderTrace(trace: Trace, options: RenderOptions = {}): string {
  return trace.roots.map((root) => renderTree(root, options)).join('\n');
}

/** Draws traces in the order given, a blank line between them; no traces give an empty string. */
export function renderTraces(traces: Iterable<Trace>, options: RenderOptions = {}): string {
  return [...traces].map((trace) => renderTrace(trace, options)).join('\n\n');
}

function renderTree(root: TraceNode, options: RenderOptions): string {
  const text: string[] = [];
  const waiting: Line[] = [{ node: root, callerOfParent: undefined, head: '', rest: '' }];
  for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
    const { node, head, rest } = line;
    const caller = describeCaller(node.span.attributes);
    const shownCaller = caller === line.callerOfParent ? undefined : (caller ?? 'no caller');
    text.push(head + headline(node, options, shownCaller));
    const bar = node.children.length > 0 ? '│  ' : '   ';
    for (const detail of describeDetails(node, options)) text.push(rest + bar + detail);
    for (const [index, child] of [...node.children.entries()].toReversed()) {
      const isLast = index === node.children.length - 1;
      waiting.push({
        node: child,
        callerOfParent: caller,
        head: `${rest}${isLast ? '└─ ' : '├─ '}`,
        rest: `${rest}${isLast ? '   ' : '│  '}`,
      });
    }
  }
  return text.join('\n');
}

function headline(node: TraceNode, options: RenderOptions, caller: string | undefined): string {
  const parts = [oneLine(node.span.name), ...describeSpan(node, options)];
  if (caller !== undefined && (options.caller ?? true)) parts.push(caller);
  return parts.join('  ');
}
