/** What one figure is measured against: a ratio to a floor, or a cost in a unit of its own. */
export interface Goal {
  readonly limit: number;
  readonly unit: 'ratio' | 'ms' | 'MB';
}

/**
 * The goals, by figure. The rows are those of the project's seventeen goals; figures of a row without an entry here are shown for
 * comparison only. The limits are the ones for the stock OpenTelemetry SDK.
 */
export const goals: Readonly<Record<string, Goal>> = {
  // 1: an operation without telemetry costs what the function costs.
  '1': { limit: 1.05, unit: 'ratio' },
  // 2: an operation costs what a span costs.
  '2': { limit: 1.05, unit: 'ratio' },
  // 3: a time-out and a retry that have nothing to do cost little.
  '3': { limit: 1.15, unit: 'ratio' },
  // 4: a hit in memory costs little more than the function, or a third of a span where it has one.
  '4': { limit: 1.2, unit: 'ratio' },
  '4 span': { limit: 0.35, unit: 'ratio' },
  // 5: a miss costs less than a span.
  '5': { limit: 0.75, unit: 'ratio' },
  // 6: a stream of a hundred items costs little over the generator that it reads, alone and with what an event stream does to each item.
  '6a': { limit: 1.4, unit: 'ratio' },
  '6b': { limit: 1.4, unit: 'ratio' },
  // 7: a message in memory, from the broker to the end of its span, against the same with a bare span. The limit was set for a recorder of our own.
  '7': { limit: 0.25, unit: 'ratio' },
  // 8: a message over JetStream with its span keeps nine tenths of what the client can do without one, and is 2.5 times as fast as the client's own loop.
  '8 to callback': { limit: 1.11, unit: 'ratio' },
  '8 to for await': { limit: 0.4, unit: 'ratio' },
  // 10: hook points that nobody listens to are nearly free.
  '10': { limit: 1.1, unit: 'ratio' },
  '10 heard': { limit: 2.5, unit: 'ratio' },
  // 11: unsampled work costs a fifth of a span at the top of a trace, and nearly nothing below it.
  '11 root': { limit: 0.2, unit: 'ratio' },
  '11 remote': { limit: 0.2, unit: 'ratio' },
  '11 nested': { limit: 1.2, unit: 'ratio' },
  // 17: loading the package.
  '17 time': { limit: 15, unit: 'ms' },
  '17 memory': { limit: 10, unit: 'MB' },
};

export interface Verdict {
  readonly met: boolean;
  /** `met`, or by which factor the goal is missed. */
  readonly text: string;
}

/** How `value` stands to a goal; `undefined` where there is none. A figure that could not be measured has not met its goal. */
export function verdict(goal: Goal | undefined, value: number): Verdict | undefined {
  if (goal === undefined) return undefined;
  if (value <= goal.limit) return { met: true, text: 'met' };
  return { met: false, text: Number.isNaN(value) ? 'not measured' : `missed by ${(value / goal.limit).toFixed(2)}×` };
}

/** The goal as text: `≤ 1.05×`, `≤ 15 ms`. */
export function showGoal(goal: Goal | undefined): string {
  return goal === undefined ? '' : `≤ ${goal.limit}${goal.unit === 'ratio' ? '×' : ` ${goal.unit}`}`;
}
