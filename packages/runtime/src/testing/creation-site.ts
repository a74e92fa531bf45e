import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this package's own code is: an author looks for a line of theirs, not of ours. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));
const framesKept = 50;

/**
 * Remembers where it is called, cheaply: the stack is only made into text when it is asked for.
 *
 * @returns a function that gives the first line outside this package, Node and installed packages, as `file:line` from the working directory
 */
export function rememberSite(): () => string | undefined {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = framesKept;
  const trail = new Error('where a span was started');
  Error.stackTraceLimit = before;
  return () => siteOf(trail.stack ?? '');
}

function siteOf(stack: string): string | undefined {
  for (const frame of stack.split('\n').slice(1)) {
    const place = placeOf(frame);
    if (place !== undefined && isOfAuthor(place.path)) return `${relative(process.cwd(), place.path)}:${place.line}`;
  }
  return undefined;
}

/** Reads `at name (path:line:column)` and `at path:line:column`. */
function placeOf(frame: string): { readonly path: string; readonly line: string } | undefined {
  const found = /^\s*at (?:.*\((?<inner>.+)\)|(?:async )?(?<bare>.+))$/.exec(frame)?.groups;
  const place = /^(?<path>.+):(?<line>\d+):\d+$/.exec(found?.['inner'] ?? found?.['bare'] ?? '')?.groups;
  const path = place?.['path'];
  const line = place?.['line'];
  if (path === undefined || line === undefined) return undefined;
  return { path: path.startsWith('file:') ? fileURLToPath(path) : path, line };
}

function isOfAuthor(path: string): boolean {
  if (path.startsWith('node:') || /[\\/]node_modules[\\/]/.test(path)) return false;
  // Tests of this package stand beside its sources and are authors like any other.
  return !path.startsWith(ownFolder) || /\.test\.[cm]?[jt]s$/.test(path);
}
