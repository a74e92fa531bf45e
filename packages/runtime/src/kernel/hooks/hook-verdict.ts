import { isPlainObject } from '../check.ts';
import { TracewrightError } from '../errors.ts';
import { type Block, isBlock, isFailedBlock } from './hook-block.ts';
import type { Ending } from './hook-call.ts';
import type { Listener } from './hook-listener.ts';
import type { HookReport } from './hook-report.ts';
import type { NamedHook } from './hook-type.ts';
import type { Scope } from '../scope.ts';

/** Why an operation does not go on. */
export interface Refusal {
  /** What is thrown. */
  readonly error: unknown;
  readonly block: Block | undefined;
  /** False where the scope was cancelled: no hook is to blame then. */
  readonly byHook: boolean;
}

/** The event that hooks answer to. */
export interface Judged {
  readonly type: NamedHook & { readonly writable: readonly PropertyKey[] };
  readonly scope: Scope;
  readonly report: HookReport;
  /** Replaced by each change. */
  payload: object;
}

/** Takes the answer of a hook, once: its changes go into the payload, its block becomes the refusal that is given back. Never throws. */
export function judgeAnswer(judged: Judged, listener: Listener, answer: unknown): Refusal | undefined {
  if (answer === undefined) return undefined;
  try {
    if (isBlock(answer)) return judgeBlock(judged, listener, answer);
    if (isPlainObject(answer)) takeChanges(judged, listener, answer);
    else judged.report.dropped(listener, 'neither changes nor a block');
    return undefined;
  } catch (error) {
    // Reading the answer runs code of the hook's.
    return judgeFailure(judged, listener, { why: 'error', error });
  }
}

/** Takes the failure of a hook: nothing where the operation goes on in spite of it. Never throws. */
export function judgeFailure(
  { scope, report }: Judged,
  listener: Listener,
  { why, error }: { readonly why: 'error' | 'timeout'; readonly error: unknown },
): Refusal | undefined {
  if (isReasonOf(scope, error)) return { error, block: undefined, byHook: false };
  const goesOn = !listener.failsClosed && !(listener.powers.blocks && isFailedBlock(error));
  report.failed(listener, why, { error, goesOn });
  if (goesOn) return undefined;
  const { hook, timeoutMs } = listener;
  const what = why === 'timeout' ? `gave no answer in ${timeoutMs} ms` : 'failed';
  const message = `a hook on ${hook} ${what}, so that ${scope.name} could not go on`;
  return { error: new TracewrightError('TW_HOOK_FAILED', message, { data: { hook, why }, cause: error }), block: undefined, byHook: true };
}

/** Takes how the wait for a hook ended. Never throws. */
export function judgeEnding(judged: Judged, listener: Listener, ending: Ending): Refusal | undefined {
  if (ending.at === 'answered') return judgeAnswer(judged, listener, ending.answer);
  if (ending.at === 'failed') return judgeFailure(judged, listener, ending);
  return { error: ending.reason, block: undefined, byHook: false };
}

function judgeBlock({ scope, report }: Judged, listener: Listener, block: Block): Refusal | undefined {
  const { reason, code, details } = block;
  if (!listener.powers.blocks) {
    report.ignoredBlock(listener, reason);
    return undefined;
  }
  const { hook } = listener;
  const error = new TracewrightError('TW_BLOCKED', `${hook} blocked ${scope.name}: ${reason}`, { data: { hook, reason, code, details } });
  return { error, block, byHook: true };
}

function takeChanges(judged: Judged, listener: Listener, changes: Readonly<Record<string, unknown>>): void {
  const fields = Object.keys(changes);
  const writable = listener.powers.changes ? judged.type.writable : [];
  const taken = fields.filter((field) => writable.includes(field));
  if (taken.length < fields.length) {
    const dropped = fields.filter((field) => !writable.includes(field));
    judged.report.dropped(listener, `changes of ${dropped.join(', ')}, which it may not change`);
  }
  if (taken.length === 0) return;
  const next: Record<string, unknown> = { ...judged.payload };
  for (const field of taken) next[field] = changes[field];
  judged.payload = Object.freeze(next);
}

/** Whether a hook failed because the operation itself was cancelled. */
function isReasonOf({ signal }: Scope, error: unknown): boolean {
  return signal.aborted && signal.reason === error;
}
