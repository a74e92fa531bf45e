import { codeOf } from './said-by-errors.ts';
import { wrongUsage } from './wrong-usage.ts';

/**
 * Loads a part that needs packages which need not be installed.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming what asked for it, and the command that installs what is missing
 */
export async function loadOptional<Module>(origin: string, packages: readonly string[], load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    const message = `${origin} needs packages that are not installed: npm install ${packages.join(' ')}`;
    throw wrongUsage(origin, message, cause);
  }
}

export function isNotFound(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error) ?? '');
}
