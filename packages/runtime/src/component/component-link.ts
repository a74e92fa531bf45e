import { attributes } from '@tracewright/conventions';
import { randomUUID } from 'node:crypto';
import { currentScope } from '../kernel/ambient.ts';
import { requireFunction, requireKnownKeys, requirePlainObject } from '../kernel/check.ts';
import { badOption, badSecretOption, TracewrightError } from '../kernel/errors.ts';
import { requireScope, RunningScope } from '../kernel/running-scope.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { CheckedComponent } from './component.ts';
import { headers as names } from './headers.ts';
import type { Link, PublishOptions } from './link.ts';
import type { AnyHandler } from './message.ts';
import { encodePayload } from './payload.ts';
import { type Outlet, outletFor, publish, type PublishPlace } from './publish.ts';
import { RunningSubscription } from './subscription/running-subscription.ts';
import { requireSubscribeOptions } from './subscription/subscription-options.ts';
import type { BatchSubscribeOptions, SubscribeOptions, Subscription } from './subscription/subscription.ts';
import type { Transport, TransportConnection } from './transport.ts';

export interface LinkSetting {
  readonly component: CheckedComponent;
  readonly lifecycle: Lifecycle;
  readonly transport: Transport;
  readonly connection: TransportConnection;
  /** Destinations by the names of aspects and interests; a name that is not there is its own destination. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Who shares the messages. */
  readonly group: string;
}

/** The link of one started component. */
export class ComponentLink implements Link {
  readonly #given: LinkSetting;
  readonly #subscriptions: RunningSubscription[] = [];
  readonly #outlets = new Map<string, Outlet>();

  constructor(given: LinkSetting) {
    this.#given = given;
  }

  /** Resolves when all that was subscribed to is open; rejects with the first refusal. */
  async ready(): Promise<void> {
    for (const { ready } of this.#subscriptions) await ready;
  }

  async publish(aspect: string, payload: unknown, options: PublishOptions = {}): Promise<void> {
    const contract = this.#given.component.aspects.get(aspect);
    if (contract === undefined) throw this.#undeclared('TW_UNDECLARED_ASPECT', aspect, [...this.#given.component.aspects.keys()]);
    const { key, headers, id = randomUUID() } = requirePublishOptions(options);
    const outlet = this.#outletTo(this.#destinationOf(aspect));
    await publish(this.#place(), outlet, {
      id,
      key,
      headers: withContentType(headers, contract.codec.contentType),
      encode: () => encodePayload(contract, payload, { target: aspect, destination: outlet.destination }),
    });
  }

  subscribe(interest: string, handler: AnyHandler, options: SubscribeOptions | BatchSubscribeOptions = {}): Subscription {
    const { component, lifecycle, transport, group } = this.#given;
    const contract = component.interests.get(interest);
    if (contract === undefined) throw this.#undeclared('TW_UNDECLARED_INTEREST', interest, [...component.interests.keys()]);
    requireFunction('handler', handler);
    const destination = this.#destinationOf(interest);
    const settings = requireSubscribeOptions(destination, options);
    const given = { interest, contract, handler, settings, group, transport, outlet: this.#outletTo(destination) };
    // Outside of the operation that starts the component: messages are not caused by it.
    const subscription = requireScope(lifecycle.scope).activate(() => new RunningSubscription(lifecycle, given));
    this.#subscriptions.push(subscription);
    return subscription;
  }

  #outletTo(destination: string): Outlet {
    const { lifecycle, transport, connection } = this.#given;
    let outlet = this.#outlets.get(destination);
    if (outlet === undefined) {
      outlet = outletFor(requireScope(lifecycle.scope), { system: transport.system, connection }, destination);
      this.#outlets.set(destination, outlet);
    }
    return outlet;
  }

  #destinationOf(target: string): string {
    const { bindings } = this.#given;
    return Object.hasOwn(bindings, target) ? (bindings[target] ?? target) : target;
  }

  /** The current scope where it is one of this runtime's that goes on; else the component's, as a child of what the host has active. */
  #place(): PublishPlace {
    const own = requireScope(this.#given.lifecycle.scope);
    const current = currentScope();
    if (!(current instanceof RunningScope) || current.kernel !== own.kernel || current.ended) {
      const active = own.kernel.rootScope.inject();
      return Object.keys(active).length === 0 ? { scope: own } : { scope: own, options: { join: active } };
    }
    // Elsewhere in the process, what is published is the component's all the same.
    const isNamed = attributes.componentName.key in current.identity;
    return isNamed ? { scope: current } : { scope: current, options: { identity: { extend: own.identity } } };
  }

  #undeclared(code: 'TW_UNDECLARED_ASPECT' | 'TW_UNDECLARED_INTEREST', target: string, declared: readonly string[]): TracewrightError {
    const { name } = this.#given.component;
    const kind = code === 'TW_UNDECLARED_ASPECT' ? 'aspect' : 'interest';
    const known = declared.length === 0 ? `it declares no ${kind}s` : `it declares ${declared.join(', ')}`;
    return new TracewrightError(code, `${name} has no ${kind} ${target}: ${known}`, {
      data: { component: name, [kind]: target, declared },
    });
  }
}

function requirePublishOptions(options: PublishOptions): PublishOptions {
  requireKnownKeys('publish', requirePlainObject('publish', options), ['key', 'headers', 'id']);
  const { key, headers, id } = options;
  // Keys and headers are data: a wrong one is not shown.
  for (const [name, value] of Object.entries({ key, id }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw badSecretOption(`publish.${name}`, 'a non-empty string', value);
  for (const [name, value] of Object.entries(headers === undefined ? {} : requirePlainObject('publish.headers', headers))) {
    if (name !== name.toLowerCase() || name === '' || name === '__proto__') throw badOption('publish.headers', 'named in lower case', name);
    if (typeof value !== 'string' || /[\r\n]/.test(value)) throw badSecretOption(`publish.headers.${name}`, 'a string of one line', value);
  }
  return options;
}

/** A copy: hot for publishers, so no spread. */
function withContentType(given: PublishOptions['headers'], contentType: string): Record<string, string> {
  const headers: Record<string, string> = { [names.contentType]: contentType };
  if (given === undefined) return headers;
  return Object.assign({}, given, headers);
}
