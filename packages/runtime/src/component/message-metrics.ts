import { attributes } from '@tracewright/conventions';
import type { AttributeValues } from '../kernel/attributes.ts';
import type { Clock } from '../kernel/clock.ts';
import type { KernelSettings } from '../kernel/kernel.ts';
import { errorTypeOf } from '../kernel/outcome.ts';

/** How old a message is. Clocks differ: it is not younger than nothing. */
export function ageSeconds(clock: Clock, publishedAt: number): number {
  return Math.max(0, clock.now() - publishedAt) / 1000;
}

/** A destination as labels of metrics name it. */
export interface MetricPlace {
  readonly system: string;
  readonly destination: string;
  readonly group?: string | undefined;
}

/** Counts what becomes of the messages of one destination. */
export class MessageMetrics {
  readonly #settings: KernelSettings;
  readonly #labels: AttributeValues;
  readonly #settled = new Map<string, AttributeValues>();

  constructor(settings: KernelSettings, { system, destination, group }: MetricPlace) {
    this.#settings = settings;
    const given = {
      [attributes.messagingSystem.key]: system,
      [attributes.messagingDestination.key]: destination,
      [attributes.messagingConsumerGroup.key]: group,
    };
    this.#labels = Object.freeze(settings.gate.attributes(given, 'metric'));
  }

  sent(failure?: { readonly error: unknown }): void {
    this.#settings.health.count('messagesSent', 1, failure === undefined ? this.#labels : this.#failed(failure.error));
  }

  /** @param publishedAt milliseconds since the Unix epoch */
  begun(publishedAt: number | undefined): void {
    const { health, clock } = this.#settings;
    health.count('messagesInFlight', 1, this.#labels);
    if (publishedAt !== undefined) health.record('messageLag', ageSeconds(clock, publishedAt), this.#labels);
  }

  settled(settlement: string): void {
    let labels = this.#settled.get(settlement);
    if (labels === undefined)
      this.#settled.set(settlement, (labels = Object.freeze({ ...this.#labels, [attributes.settled.key]: settlement })));
    this.#settings.health.count('messagesConsumed', 1, labels);
  }

  ended(durationMs: number, failure?: { readonly error: unknown }): void {
    const { health } = this.#settings;
    health.count('messagesInFlight', -1, this.#labels);
    health.record('processDuration', durationMs / 1000, failure === undefined ? this.#labels : this.#failed(failure.error));
  }

  #failed(error: unknown): AttributeValues {
    return { ...this.#labels, [attributes.errorType.key]: errorTypeOf(error) };
  }
}
