/** Every error code, once. `docs/errors.md` is compared with this table in both directions; a retired code is never used again. */
export const errorCodes = {
  TW_BAD_OPTION: 'A value given to Tracewright has the wrong shape; the message names the option and shows the value received.',
  TW_SCOPE_ENDED: 'A scope was used to start work after its operation had ended.',
  TW_CANCELLED: 'Work was cancelled by its client, its consumer or a shutdown.',
  TW_TIMEOUT: 'Work did not finish in the time it was given.',
  TW_RUNTIME_CLOSED: 'A runtime was asked to start work after `close` had been called.',
  TW_NOT_ITERABLE: 'The body of a stream gave something that cannot be iterated.',
  TW_TELEMETRY_SETUP: 'Telemetry cannot be started as asked: a package is missing, or a setting is wrong.',
  TW_NEXT_MISUSED: 'An interceptor called `next` again while it ran or after it had succeeded, or after its own end.',
  TW_LIMITED: 'A limit refused work: its queue was full, or the wait for a place was longer than allowed.',
  TW_BREAKER_OPEN: 'A breaker refused work, because what it guards kept failing.',
  TW_DEADLOCK: 'Work asked a cache for the result of work that waits for it.',
  TW_BLOCKED: 'A hook blocked an operation.',
  TW_HOOK_FAILED: 'A hook that is registered to fail closed threw or took too long.',
  TW_LIFECYCLE_STATE: 'A lifecycle was asked for what its state does not allow: to fork or defer when it ends, or to wait for itself.',
  TW_LIFECYCLE_FAILED: 'A lifecycle failed: by its body, by `fatal`, or by a child whose failure it takes over.',
  TW_TRANSPORT: 'A message broker could not be reached, or refused what it was asked for.',
  TW_UNDECLARED_ASPECT: 'A component published to an aspect that it does not declare.',
  TW_UNDECLARED_INTEREST: 'A component subscribed to an interest that it does not declare.',
  TW_BAD_PAYLOAD: 'A payload does not fit the schema of its target, or cannot be decoded or encoded.',
  TW_BAD_FOOTPRINT: 'A footprint cannot be read: it is no YAML or JSON, or not of the shape of a footprint.',
  TW_BATCH_FAILED: 'Some messages of a batch could not be handled; what became of each is on the span.',
  TW_COMPONENT_OPTIONS: 'Options of a component do not fit its schema; the message lists every problem.',
  TW_LISTEN: 'A server could not listen on the address that it was given.',
  TW_COMPONENT_FAILED: 'A component could not start.',
  TW_STALE_REVISION: 'A footprint was to be applied whose revision is not higher than the one that runs.',
  TW_ROLLED_BACK: 'A revision of a footprint did not come up; what ran before it runs again.',
  TW_ELSEWHERE: 'A footprint names locations, and this process is in none of them.',
  TW_UNKNOWN_FOOTPRINT: 'A replica was asked to remove a footprint that it does not run.',
  TW_TOPOLOGY: 'Components of a footprint do not fit together, and strict checks were asked for.',
} as const satisfies Record<`TW_${string}`, string>;

export type ErrorCode = keyof typeof errorCodes;

/** Values of `error.type` that are not an error code, a class or a status. */
export const errorTypes = {
  /** The owner of a span ended it, because the work had not when its owner ended. */
  spanNotEnded: 'span_not_ended',
  /** The failure is not an Error and has no code (OpenTelemetry's own fallback value). */
  other: '_OTHER',
} as const;
