/** Every error code, once. `docs/errors.md` is compared with this table in both directions; a retired code is never used again. */
export const errorCodes = {
  TW_BAD_OPTION: 'A value given to Tracewright has the wrong shape; the message names the option and shows the value received.',
  TW_SCOPE_ENDED: 'A scope was used to start work after its operation had ended.',
  TW_CANCELLED: 'Work was cancelled by its client, its consumer or a shutdown.',
  TW_TIMEOUT: 'Work did not finish in the time it was given.',
  TW_RUNTIME_CLOSED: 'A runtime was asked to start work after `close` had been called.',
  TW_NOT_ITERABLE: 'The body of a stream gave something that cannot be iterated.',
  TW_TELEMETRY_SETUP: 'Telemetry cannot be started as asked: a package is missing, or a setting is wrong.',
} as const satisfies Record<`TW_${string}`, string>;

export type ErrorCode = keyof typeof errorCodes;

/** Values of `error.type` that are not an error code, a class or a status. */
export const errorTypes = {
  /** The owner of a span ended it, because the work had not when its owner ended. */
  spanNotEnded: 'span_not_ended',
  /** The failure is not an Error and has no code (OpenTelemetry's own fallback value). */
  other: '_OTHER',
} as const;
