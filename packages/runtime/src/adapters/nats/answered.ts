import { systemClock } from '../../kernel/clock.ts';
import type { NatsLink } from './nats-link.ts';

/** Asks the server something, and gives up after `restMs` milliseconds. The connection is up when this is called; `isAgain` says that it was lost since the last time. */
export type Ask<T> = (restMs: number, isAgain: boolean) => Promise<T>;

const lost = Symbol('lost');

/**
 * What `ask` comes to, whatever becomes of the connection meanwhile: where that is lost before there is an answer, `ask` is called again as soon as it is back.
 * So whatever is asked must bear to be heard twice. Fails after the request time-out of `link`, counted while connected, and after as long without a
 * connection; several losses count together.
 *
 * @throws {TracewrightError} `TW_TRANSPORT` where the connection is not back in time, or is closed; what `ask` throws; the reason of `signal`, which ends the wait
 *   for the connection and any further asking, but not an `ask` that is under way
 */
export async function answered<T>(link: NatsLink, ask: Ask<T>, signal?: AbortSignal): Promise<T> {
  let connectedMs = link.timeoutMs;
  let awayMs = link.timeoutMs;
  for (let isAgain = false; connectedMs > 0; isAgain = true) {
    while (!link.isUp) {
      const left = systemClock.monotonic();
      await link.whenUp(signal, awayMs);
      awayMs -= systemClock.monotonic() - left;
    }
    signal?.throwIfAborted();
    const asked = systemClock.monotonic();
    // Not as much as a microtask may pass between the look at the link and the listening to it.
    const answer = await untilLost(link, ask(Math.ceil(connectedMs), isAgain));
    if (answer !== lost) return answer;
    connectedMs -= systemClock.monotonic() - asked;
  }
  throw link.lost();
}

/** The client tells nobody whose question has gone with the connection: it lets them wait. */
function untilLost<T>(link: NatsLink, answer: Promise<T>): Promise<T | typeof lost> {
  return new Promise((resolve, reject) => {
    const forget = link.onChange(() => {
      if (link.isUp) return;
      forget();
      resolve(lost);
    });
    answer.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error);
      },
    );
  });
}
