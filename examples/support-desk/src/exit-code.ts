import { exitCode, type Outcome } from 'tracewright';
import { ArchiveReadOnly } from './books.ts';
import { interruptedExitCode } from './keypresses.ts';

export interface Exit {
  readonly code: number;
  /** Only where the code is not that of the outcome. */
  readonly why: string | undefined;
}

/**
 * What the process exits with: the code of the desk's outcome, 130 where a second Ctrl-C cut it short. The log archive fails because the demo means it to; a
 * service would exit with 1 for that, and the demo, which worked, says so and does not.
 */
export function exitOf(outcome: Outcome, isInterrupted: boolean): Exit {
  if (isInterrupted) return { code: interruptedExitCode, why: undefined };
  const code = exitCode({ ...outcome, failures: outcome.failures.filter(({ error }) => !(error instanceof ArchiveReadOnly)) });
  const honest = exitCode(outcome);
  return {
    code,
    why: code === honest ? undefined : `a service would exit with ${honest}, as a cleanup failed; this one is part of the demo`,
  };
}
