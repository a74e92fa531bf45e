/** The trace context of the sender of message `n`: another trace for each message. */
export function traceparent(n: number): string {
  return `00-0af7651916cd43dd${(n + 1).toString(16).padStart(16, '0')}-b7ad6b7169203331-01`;
}
