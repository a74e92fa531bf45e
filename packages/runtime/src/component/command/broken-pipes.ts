import type { Output } from './output.ts';
import { codeOf } from './said-by-errors.ts';

const guarded = new WeakSet<object>();

/**
 * Lets this process live on when whoever reads its output has left, as `head` does: what is written then is lost, and nothing else. Only its own streams are touched, and
 * each once; what they fail with otherwise goes to the other listeners, or is thrown where there are none.
 */
export function bearBrokenPipes(outputs: readonly Output[]): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (!outputs.includes(stream) || guarded.has(stream)) continue;
    guarded.add(stream);
    stream.on('error', (error) => {
      if (codeOf(error) !== 'EPIPE' && stream.listenerCount('error') === 1) throw error;
    });
  }
}
