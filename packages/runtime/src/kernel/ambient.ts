import { type Context, context as contextApi } from '@opentelemetry/api';
import type { AttributeValues } from './attributes.ts';
import { ContentGate } from './content/content-gate.ts';
import { scopeIn } from './context.ts';
import type { Kernel } from './kernel.ts';
import { defaultAttributeLength } from './limits.ts';
import type { Principal } from './principal.ts';
import type { RunningScope } from './running-scope.ts';
import type { Scope } from './scope.ts';

/**
 * The scope of the operation that is running here, by the host's context manager; `undefined` outside any operation, or where no context manager is
 * registered. Where the operation has ended already (a timer or a listener that it left behind), a scope detached from it.
 */
export function currentScope(): Scope | undefined {
  const scope = scopeIn(contextApi.active());
  return scope?.ended === true ? scope.detach() : scope;
}

/** The scope that new work of `kernel` starts in, when none is given and `active` is the active context. A scope of another runtime counts as the host's context. */
export function ambientScope(kernel: Kernel, active: Context): RunningScope {
  const scope = scopeIn(active);
  if (scope === undefined || scope.kernel !== kernel) return kernel.rootScope;
  return scope.ended ? scope.detach() : scope;
}

/** By identity, by principal (by the identity again, where the caller is left out), by gate. */
const known = new WeakMap<object, WeakMap<object, WeakMap<ContentGate, AttributeValues>>>();

/**
 * Where work in `context` belongs and who executes it, as far as it may leave, for every span that somebody else starts there: one frozen object, the same for
 * the same identity and principal. `undefined` outside any scope.
 */
export function attributesOf(context: Context): AttributeValues | undefined {
  const scope = scopeIn(context);
  return scope === undefined ? undefined : gatedOnce(scope, scope.principal);
}

/** Only where work in `context` belongs: identity without the caller. */
export function identityOf(context: Context): AttributeValues | undefined {
  const scope = scopeIn(context);
  return scope === undefined ? undefined : gatedOnce(scope, undefined);
}

function gatedOnce(scope: RunningScope, caller: Principal | undefined): AttributeValues {
  const { identity, gate, secrets, parts } = scope;
  const make = (): AttributeValues => {
    const all = caller === undefined ? identity : { ...caller.attributes, ...identity, ...caller.attributes };
    return Object.freeze(gate.attributes(all, 'attribute', secrets));
  };
  // Work for one that another executes is rare, and not worth a place in the tables.
  if (parts.surroundings.outerSecrets !== undefined) return make();
  const byCaller = entryOf(known, identity, () => new WeakMap<object, WeakMap<ContentGate, AttributeValues>>());
  const byGate = entryOf(byCaller, caller ?? identity, () => new WeakMap<ContentGate, AttributeValues>());
  return entryOf(byGate, gate, make);
}

function entryOf<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** What texts pass that are sent from where no runtime is at work. */
const closedGate = ContentGate.of({ content: 'drop' }, defaultAttributeLength);

/** `text` as a log record sent in `context` may carry it; content where the operation that runs there carries some. `undefined`: not at all. */
export function logTextIn(context: Context, text: string): string | undefined {
  const scope = scopeIn(context);
  if (scope === undefined) return closedGate.text(text, { place: 'log', isContent: false });
  const { carriesContent } = scope.parts.surroundings;
  return scope.gate.text(text, { place: 'log', isContent: carriesContent, secrets: scope.secrets });
}
