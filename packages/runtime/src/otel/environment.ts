import { maxTimerMs } from '../kernel/clock.ts';
/** Variables as a process has them; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Takes what could not be understood and was therefore left out. */
export type Warn = (message: string) => void;

/** One environment, read by OpenTelemetry's rules: an empty variable counts as absent, and a wrong number is told and left out. */
export interface EnvironmentReader {
  text(name: string): string | undefined;
  list(name: string): readonly string[] | undefined;
  number(name: string, minimum: number): number | undefined;
  flag(name: string): boolean;
}

export function readEnvironment(environment: Environment, warn: Warn): EnvironmentReader {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  return {
    text,
    list(name) {
      const items = text(name)
        ?.split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      return items === undefined || items.length === 0 ? undefined : items;
    },
    number(name, minimum) {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = Number(given);
      // Most are times, and none of the others means anything near so large.
      if (value >= minimum && value <= maxTimerMs) return value;
      warn(`${name} is "${given}", not a number from ${minimum} to ${maxTimerMs}: the default is used`);
      return undefined;
    },
    flag(name) {
      return text(name)?.toLowerCase() === 'true';
    },
  };
}

/**
 * Pairs of `key=value,key=value`, percent-decoded. A value may hold further `=` signs, as base64 credentials do.
 *
 * @returns undefined when any pair cannot be read: OpenTelemetry asks to discard all of them then, and not half
 */
export function parsePairs(given: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const pair of given.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(at, 0)).trim();
    if (key === '') return undefined;
    try {
      pairs[decodeURIComponent(key)] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      // A broken percent escape: see above.
      return undefined;
    }
  }
  return pairs;
}
