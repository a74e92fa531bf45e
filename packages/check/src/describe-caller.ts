import { attributes as keys } from '@tracewright/conventions';
import { oneLine, valueText } from './value-text.ts';

/**
 * Says in words who executes: `user ada`, `service billing`, `agent bot for ada`, with `(development fallback)` where the service stands in.
 *
 * @returns undefined when the attributes name nobody
 */
export function describeCaller(attributes: Readonly<Record<string, unknown>>): string | undefined {
  const kind = attributes[keys.executionContext.key];
  const id = attributes[keys.callerId.key];
  if (kind === undefined && id === undefined) return undefined;
  const actsFor = attributes[keys.callerFor.key];
  const words = [valueText(kind ?? 'caller'), valueText(id ?? '(no id)')];
  if (actsFor !== undefined) words.push('for', valueText(actsFor));
  if (attributes[keys.developmentFallback.key] === true) words.push('(development fallback)');
  return oneLine(words.join(' '));
}
