/** Headers that Tracewright writes beside those of the publisher. */
export const headers = {
  contentType: 'content-type',
  deadLetter: {
    /** Type or code of the error. */
    reason: 'tracewright-dead-letter-reason',
    message: 'tracewright-dead-letter-message',
    attempts: 'tracewright-dead-letter-attempts',
    /** The destination that the message came from. */
    origin: 'tracewright-dead-letter-origin',
    group: 'tracewright-dead-letter-group',
    /** As ISO 8601 in UTC. */
    time: 'tracewright-dead-letter-time',
    /** Why the headers of the publisher and the text of the error are left out: where the broker would not have taken them. */
    cut: 'tracewright-dead-letter-cut',
    /** The trace context of the first sender. */
    traceparent: 'tracewright-dead-letter-traceparent',
  },
} as const;

const ours: ReadonlySet<string> = new Set([headers.contentType, 'traceparent', 'tracestate', 'baggage']);

/** The headers that are the publisher's own. */
export function foreignHeaders(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(Object.entries(all).filter(([name]) => !ours.has(name))));
}
