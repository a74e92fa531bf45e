import { SpanKind, type SpanContext } from '@opentelemetry/api';
import { type AttributeInput, type AttributeValues, requireAttributes } from './attributes.ts';
import { requireKnownKeys, requireText } from './check.ts';
import { badOption } from './errors.ts';
import { type Chain, compose, type Interceptor, type PerItem } from './interceptor.ts';
import type { Identity } from './identity.ts';
import type { ContentGate } from './content/content-gate.ts';
import type { Secrets } from './content/redaction.ts';

export type OperationKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span elsewhere that work is linked to. */
export interface OperationLink {
  readonly context: SpanContext;
  readonly attributes?: AttributeInput;
}

/**
 * A named, bounded unit of work, as plain data.
 *
 * `name` is the span's name: a verb and a low-cardinality noun; values belong in `attributes`. `root` begins a new trace, linked to the span that was
 * active. `interceptors` wrap the body, outermost first; the span is outside all of them.
 */
export interface Operation {
  readonly name: string;
  /** Default `internal`. */
  readonly kind?: OperationKind;
  readonly attributes?: AttributeInput;
  readonly interceptors?: readonly Interceptor[];
  readonly links?: readonly OperationLink[];
  /** Default `false`. */
  readonly root?: boolean;
  /**
   * Whether the work handles content: what people or models said, arguments and results of tools, bodies of messages. The messages of its errors are content
   * then, for which the content policy decides; type and code of the error are kept. So it is with all that runs inside. Default `false`.
   */
  readonly carriesContent?: boolean;
}

/** An operation, checked and composed: what `run` needs, with nothing left to decide. */
export interface Plan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: AttributeValues | undefined;
  readonly chain: Chain | undefined;
  readonly perItem: PerItem | undefined;
  /** Whether the scope becomes the current one only for the body, as nothing before it asks for that. */
  readonly entersAtBody: boolean;
  readonly carriesContent: boolean;
  readonly links: readonly OperationLink[] | undefined;
  readonly root: boolean;
  /**
   * Start attributes for the last caller and identity: the same caller mostly comes again, and the object can be handed over as it is. The caller is known by
   * the attributes of the principal: holding the principal would keep its credentials in memory.
   */
  readonly last: {
    caller: AttributeValues | undefined;
    identity: Identity | undefined;
    gate: ContentGate | undefined;
    secrets: Secrets | undefined;
    attributes: AttributeValues | undefined;
  };
}

const kinds: Readonly<Record<OperationKind, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const plans = new WeakMap<object, Plan>();
const plansByName = new Map<string, Plan>();
/** Names are of low cardinality; where they are not, planning anew costs little and memory stays bounded. */
const maxPlansByName = 1000;

/**
 * Checks an operation, freezes it and composes its interceptors, once.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
 */
export function operation(definition: Operation): Operation {
  const frozen: Operation = Object.freeze({ ...requireOperation(definition) });
  plans.set(frozen, makePlan(frozen));
  return frozen;
}

/** The plan of an operation given as a name, a literal, or made by `operation`. A literal is planned at each use, as it may change in between. */
export function planOf(given: string | Operation): Plan {
  if (typeof given !== 'string') return plans.get(given) ?? makePlan(requireOperation(given));
  let plan = plansByName.get(given);
  if (plan === undefined) {
    plan = makePlan({ name: given });
    if (plansByName.size < maxPlansByName) plansByName.set(given, plan);
  }
  return plan;
}

function requireOperation(value: unknown): Operation {
  if (typeof value !== 'object' || value === null) throw badOption('operation', 'a name or { name, … }', value);
  requireKnownKeys('operation', value, ['name', 'kind', 'attributes', 'interceptors', 'links', 'root', 'carriesContent']);
  return value as Operation; // The members are checked one by one in makePlan.
}

function makePlan({ name, kind = 'internal', attributes, interceptors, links, root = false, carriesContent = false }: Operation): Plan {
  requireText('operation.name', name);
  if (!Object.hasOwn(kinds, kind)) throw badOption('operation.kind', Object.keys(kinds).join(', '), kind);
  if (typeof root !== 'boolean') throw badOption('operation.root', 'true or false', root);
  if (typeof carriesContent !== 'boolean') throw badOption('operation.carriesContent', 'true or false', carriesContent);
  if (interceptors !== undefined && !Array.isArray(interceptors)) throw badOption('operation.interceptors', 'an array', interceptors);
  const composed = interceptors === undefined ? undefined : compose([...interceptors]);
  return {
    name,
    kind: kinds[kind],
    attributes: attributes === undefined ? undefined : requireAttributes('operation.attributes', attributes),
    chain: composed?.chain,
    perItem: composed?.perItem,
    entersAtBody: composed?.onlyOurs === true,
    carriesContent,
    links: links === undefined ? undefined : requireLinks(links),
    root,
    last: { caller: undefined, identity: undefined, gate: undefined, secrets: undefined, attributes: undefined },
  };
}

function requireLinks(links: unknown): readonly OperationLink[] {
  if (!Array.isArray(links)) throw badOption('operation.links', 'an array of { context, attributes? }', links);
  return links.map((link: unknown, index) => {
    const context = typeof link === 'object' && link !== null && 'context' in link ? link.context : undefined;
    if (typeof context !== 'object' || context === null || !('traceId' in context) || !('spanId' in context)) {
      throw badOption(`operation.links[${index}].context`, 'a span context with traceId and spanId', context);
    }
    return link as OperationLink; // The span context is checked; attributes are taken as they are by the span.
  });
}
