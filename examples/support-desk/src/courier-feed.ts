import type { ForkOptions, Lifecycle } from 'tracewright';
import type { Courier } from './courier.ts';

/** What the desk heard from the courier last. */
export class CourierNews {
  arrival = 'within a week';
  /** How often the courier has answered. */
  heard = 0;
  /** How often the feed was started, the first time included. */
  feeds = 0;
}

/** A feed that fails is started again. When it fails too often, the desk goes on with what it heard last: that is no reason to answer no more tickets. */
export function feedSupervision(news: CourierNews): ForkOptions {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- `then` is the name of the option, and it is no function
    onFailure: { restart: { maxRestarts: 3, withinMs: 60_000, delayMs: 20, then: 'isolate' } },
    // Each new life of one that failed counts.
    onStarted: () => (news.feeds += 1),
  };
}

/**
 * Keeps `news` as the courier says, until it is asked to stop. The feed lives as long as the worker and has no span; each question has a trace of its own. What
 * a question throws fails the feed: what becomes of it then is up to who forked it.
 */
export async function followCourier(feed: Lifecycle, courier: Courier, news: CourierNews): Promise<void> {
  while (feed.running) {
    const { arrival, holdsForMs } = await feed.run({ name: 'ask courier', kind: 'client' }, (scope) => courier.ask(scope.signal));
    news.arrival = arrival;
    news.heard += 1;
    // Rejects when it is time to stop, with the reason: that ends the feed, and is no failure.
    await feed.scope.clock.sleep(holdsForMs, { signal: feed.grace });
  }
}
