const nanosPerMs = 1_000_000;

/** Milliseconds since the Unix epoch as seconds and nanoseconds, as the SDK would take small numbers for something else than time since the epoch. */
export function toSpanTime(epochMs: number): [number, number] {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * nanosPerMs)];
}
