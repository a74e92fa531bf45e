import { type Component, defineComponent } from 'tracewright/component';
import { z } from 'zod';

/** What the probe finds out. */
export interface Findings {
  onBall(n: number): void;
  onSilence(ms: number): void;
  /** The number of balls that it was to wait for is reached. */
  onEnough(): void;
}

/** Watches that balls come back. Silence is a message to people first, and a missed heartbeat for the orchestrator in the end. */
export function defineProbe({ onBall, onSilence, onEnough }: Findings): Component {
  return defineComponent({
    name: 'probe',
    doc: 'Watches that balls come back.',
    options: z.object({
      timeoutMs: z.number().int().positive().describe('how long it may be silent'),
      balls: z.number().int().positive().optional().describe('ends the program after so many (default: never)'),
    }),
    interests: { pong: z.object({ n: z.number() }) },
    bootstrap(lifecycle, link, { timeoutMs, balls }) {
      const { clock } = lifecycle.scope;
      const heartbeat = lifecycle.heartbeat('ball', { withinMs: timeoutMs * 10 });
      let seen = 0;
      let cancel = (): void => undefined;
      const watch = (): void => {
        cancel();
        cancel = clock.setTimer(() => {
          onSilence(timeoutMs);
          watch();
        }, timeoutMs);
      };
      link.subscribe('pong', ({ payload: { n } }) => {
        heartbeat.beat();
        watch();
        onBall(n);
        seen += 1;
        if (seen === balls) onEnough();
      });
      watch();
      lifecycle.defer(() => cancel());
    },
  });
}
