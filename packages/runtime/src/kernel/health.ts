import { type Counter, type MeterProvider, metrics as metricsApi } from '@opentelemetry/api';
import { instrumentationScope, metrics } from '@tracewright/conventions';
import type { AttributeValues } from './attributes.ts';
import { version } from './version.ts';

export type HealthMetric = keyof typeof metrics;

/** Counts what telemetry lost or had to mend, and what interceptors and hooks did, so that it shows where people look. Never throws. */
export interface Health {
  /** @param labels values of few kinds only: never text from outside */
  count(metric: HealthMetric, amount?: number, labels?: AttributeValues): void;
}

/** Counts with `given`, else with the host's global provider at the time of each count. */
export function countHealth(given?: MeterProvider): Health {
  let provider: MeterProvider | undefined;
  const counters = new Map<HealthMetric, Counter>();
  return {
    count(metric, amount = 1, labels) {
      try {
        const current = given ?? metricsApi.getMeterProvider();
        if (current !== provider) counters.clear();
        provider = current;
        let counter = counters.get(metric);
        if (counter === undefined) {
          const { name, unit, description } = metrics[metric];
          counter = current.getMeter(instrumentationScope, version).createCounter(name, { unit, description });
          counters.set(metric, counter);
        }
        counter.add(amount, labels);
      } catch {
        // Reporting that a count failed would count a fault, which would fail in turn.
      }
    },
  };
}
