import { context, type Link, ROOT_CONTEXT, SpanKind, type TextMapGetter, type TextMapSetter, trace, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type Numbered, numbered } from '../numbered.ts';

/** Where messages are sent and handled, as spans name it. */
export interface Place {
  readonly tracer: Tracer;
  readonly system: string;
  readonly destination: string;
}

/** A message as any client hands it out. */
export interface Incoming<Carrier> {
  readonly id: string;
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly publishedAt: number;
  readonly body: Uint8Array;
  readonly carrier: Carrier;
  /** Tells the broker that the message is done with. */
  readonly settle: () => unknown;
}

const propagator = new W3CTraceContextPropagator();
const decoder = new TextDecoder();

/**
 * The floor of a subscription: one bare root of kind consumer for each message, linked to its sender, active while the message is handled, with as many attributes
 * as a subscription's span has; it ends when the broker has been told. The payload is decoded and checked by the same schema.
 *
 * It leaves out retries, dead letters, order by key, deadlines, the extension of the broker's, metrics, cancellation, a scope, and an end in order.
 */
export function inConsumerSpan<Carrier>(place: Place, getter: TextMapGetter<Carrier>, handle: (payload: Numbered) => Promise<void>) {
  const { tracer, system, destination } = place;
  const name = `process ${destination}`;
  return ({ id, attempt, publishedAt, body, carrier, settle }: Incoming<Carrier>): Promise<void> => {
    const attributes = {
      // Written out: spreading what is the same each time would make the floor slow on Node 20.
      'execution.context': 'service',
      'caller.id': 'service',
      'component.name': 'bench',
      'footprint.identifier': 'bench-1',
      'footprint.revision': 1,
      'component.path': 'deployment/bench/numbers',
      'messaging.system': system,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': destination,
      'messaging.consumer.group.name': 'bench/bench',
      'messaging.message.id': id,
      'tracewright.attempt': attempt,
      'tracewright.message.age': (Date.now() - publishedAt) / 1000,
    };
    const links = linkTo(trace.getSpanContext(propagator.extract(ROOT_CONTEXT, carrier, getter)));
    return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, root: true, attributes, links }, async (span) => {
      try {
        await handle(await decode(body));
        await settle();
        span.setAttribute('tracewright.settled', 'ack');
      } finally {
        span.end();
      }
    });
  };
}

/**
 * The floor of a publication: one bare root of kind producer, whose context goes into the headers of what `publish` sends. The payload is checked by the same schema.
 * It leaves out metrics, cancellation, a scope, and what a link does for names.
 */
export function inProducerSpan<Carrier>({ tracer, system, destination }: Place, setter: TextMapSetter<Carrier>) {
  const name = `send ${destination}`;
  return (id: string, carrier: Carrier, publish: () => Promise<unknown>): Promise<void> => {
    const attributes = {
      'execution.context': 'service',
      'caller.id': 'service',
      'component.name': 'bench',
      'footprint.identifier': 'bench-1',
      'footprint.revision': 1,
      'component.path': 'deployment/bench/numbers',
      'messaging.system': system,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': destination,
      'messaging.message.id': id,
    };
    return tracer.startActiveSpan(name, { kind: SpanKind.PRODUCER, root: true, attributes }, async (span) => {
      try {
        propagator.inject(context.active(), carrier, setter);
        await publish();
      } finally {
        span.end();
      }
    });
  };
}

/** The payload of a message, once it has passed the schema. */
export async function decode(body: Uint8Array): Promise<Numbered> {
  return await checked(JSON.parse(decoder.decode(body)));
}

/** As whoever uses a Standard Schema has to ask it: it may answer later. */
export async function checked(payload: unknown): Promise<Numbered> {
  const result = await numbered['~standard'].validate(payload);
  if (result.issues !== undefined) throw new TypeError('not a numbered message');
  return result.value;
}

function linkTo(spanContext: Link['context'] | undefined): Link[] {
  return spanContext === undefined ? [] : [{ context: spanContext }];
}
