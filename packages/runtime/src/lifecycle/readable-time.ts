const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** A duration as people say it, in its two largest units: `850 ms`, `12 s`, `3 m 12 s`, `2 d 4 h`. */
export function readableTime(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.trunc(durationMs))} ms`;
  let rest = Math.trunc(durationMs / 1000);
  const parts = units.map(([unit, seconds]) => {
    const count = Math.trunc(rest / seconds);
    rest %= seconds;
    return [count, unit] as const;
  });
  const first = parts.findIndex(([count]) => count > 0);
  const told = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return told.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
