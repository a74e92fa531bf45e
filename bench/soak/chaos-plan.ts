/** What is killed together, when, and how long it stays away. */
export interface PlannedKill {
  /** How many messages have been handled when it happens. */
  readonly afterHandled: number;
  readonly broker: boolean;
  /** Numbers of consumers. */
  readonly consumers: readonly number[];
  readonly downMs: number;
}

export interface PlanSetting {
  readonly seed: number;
  readonly kills: number;
  readonly messages: number;
  readonly consumers: number;
}

const shortestDownMs = 100;
const longestDownMs = 1500;
/** Between which parts of the messages something is killed: there have to be some before and after. */
const firstPart = 0.05;
const lastPart = 0.9;

/**
 * The same plan for the same seed. Kills are spread over the messages, none too close to the one before. The first is of the broker, the second of a consumer; from
 * the third on each is of either, of both, or of all consumers at once.
 */
export function planKills({ seed, kills, messages, consumers }: PlanSetting): readonly PlannedKill[] {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const everyone = Array.from({ length: consumers }, (_, consumer) => consumer);
  const targets = [
    () => ({ broker: true, consumers: [] }),
    () => ({ broker: false, consumers: [below(consumers)] }),
    () => ({ broker: true, consumers: [below(consumers)] }),
    () => ({ broker: false, consumers: everyone }),
  ];
  return Array.from({ length: kills }, (_, index) => {
    const afterHandled = Math.floor(messages * (firstPart + ((lastPart - firstPart) * (index + random() / 2)) / kills));
    const target = targets[index < 2 ? index : below(targets.length)] ?? targets[0];
    const chosen = target?.() ?? { broker: true, consumers: [] };
    return { afterHandled, ...chosen, downMs: shortestDownMs + below(longestDownMs - shortestDownMs) };
  });
}

/** Numbers from 0 to 1 by the algorithm mulberry32, which is good enough to choose by, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
