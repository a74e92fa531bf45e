import { isTracewrightError } from '../../kernel/errors.ts';
import { messageOf } from '../../kernel/exceptions.ts';
import { errorTypeOf } from '../../kernel/outcome.ts';
import type { Deployment } from '../deploy.ts';
import type { Told } from './replica-status.ts';

/** An error as a status tells of it: with what it wraps, where that is the reason. */
export function reasonOf(error: unknown): NonNullable<Told['error']> {
  const cause = isTracewrightError(error, 'TW_ROLLED_BACK') || isTracewrightError(error, 'TW_COMPONENT_FAILED') ? error.cause : undefined;
  const message = cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
  return { code: errorTypeOf(error), message };
}

export function componentsOf(deployment: Deployment): NonNullable<Told['components']> {
  return deployment.status().map(({ component, instance, revision, state }) => ({ component, instance, revision, state }));
}
