import { inOneTurn } from '../one-turn.ts';
import { HookCall } from './hook-call.ts';
import type { Dispatch } from './hook-dispatch.ts';
import type { Listener } from './hook-listener.ts';
import { judgeEnding } from './hook-verdict.ts';

interface Running {
  readonly listener: Listener;
  readonly call: HookCall;
  readonly answer: Promise<unknown>;
}

/**
 * Calls all concurrent hooks before it waits for any, also where one refuses at once. The first refusal counts: the signals of the others are aborted, and
 * they get one turn of the event loop to clean up.
 */
export function runConcurrently(dispatch: Dispatch): object | Promise<object> {
  const running: Running[] = [];
  for (const listener of dispatch.table.concurrent) {
    const call = new HookCall(listener, dispatch.scope, undefined);
    const answer = dispatch.ask(listener, call);
    if (answer !== undefined) running.push({ listener, call, answer });
  }
  if (running.length > 0) return waitForAll(dispatch, running);
  if (dispatch.refusal !== undefined) throw dispatch.errorOf(dispatch.refusal);
  return dispatch.payload;
}

function waitForAll(dispatch: Dispatch, running: readonly Running[]): Promise<object> {
  return new Promise((resolve, reject) => {
    let left = running.length;
    let isDecided = false;
    const decide = (): void => {
      const { refusal } = dispatch;
      if (isDecided || (refusal === undefined && left > 0)) return;
      isDecided = true;
      if (refusal === undefined) {
        resolve(dispatch.payload);
        return;
      }
      for (const { call } of running) call.abort(refusal.error);
      void inOneTurn(Promise.allSettled(running.map(({ answer }) => answer))).then(() => reject(dispatch.errorOf(refusal)));
    };
    for (const { listener, call, answer } of running) {
      void call.wait(answer).then((ending) => {
        left -= 1;
        dispatch.refuse(judgeEnding(dispatch, listener, ending));
        decide();
      });
    }
    decide();
  });
}
