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
} as const satisfies Record<`TW_${string}`, string>;

export type ErrorCode = keyof typeof errorCodes;

/** Values of `error.type` that are not an error code, a class or a status. */
export const errorTypes = {
  /** The owner of a span ended it, because the work had not when its owner ended. */
  spanNotEnded: 'span_not_ended',
  /** The failure is not an Error and has no code (OpenTelemetry's own fallback value). */
  other: '_OTHER',
} as const;
