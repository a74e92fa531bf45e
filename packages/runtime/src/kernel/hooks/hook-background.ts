import { HookCall } from './hook-call.ts';
import type { Dispatch } from './hook-dispatch.ts';
import type { Listener } from './hook-listener.ts';
import { judgeEnding } from './hook-verdict.ts';

/** Starts a hook that nobody waits for, in a scope detached from the operation; it runs when what runs now has let go. */
export function startInBackground(dispatch: Dispatch, listener: Listener): void {
  const { payload, refusal, table, report } = dispatch;
  const scope = dispatch.scope.detach();
  table.services.background.admit(scope);
  const call = new HookCall(listener, scope, refusal);
  const { run } = listener;
  const answer = scope.activate(() => Promise.resolve().then((): unknown => run(payload, call)));
  const judged = { type: table.type, scope, report, payload };
  const done = call.wait(answer).then((ending) => judgeEnding(judged, listener, ending));
  table.services.background.track(`${listener.hook} hook`, done);
}
