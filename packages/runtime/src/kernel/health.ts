import {
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics as metricsApi,
  type UpDownCounter,
} from '@opentelemetry/api';
import { instrumentationScope, metrics } from '@tracewright/conventions';
import type { AttributeValues } from './attributes.ts';
import { version } from './version.ts';

type Metrics = typeof metrics;
type MetricOf<Instrument> = { [Name in keyof Metrics]: Metrics[Name]['instrument'] extends Instrument ? Name : never }[keyof Metrics];

/** What is counted: up only, or up and down. */
export type CountedMetric = MetricOf<'counter' | 'updowncounter'>;

/** What has a value each time. */
export type RecordedMetric = MetricOf<'histogram'>;

/** Counts what telemetry lost or had to mend, and what interceptors, hooks and drivers did, so that it shows where people look. Never throws. */
export interface Health {
  /** @param labels values of few kinds only: never text from outside */
  count(metric: CountedMetric, amount?: number, labels?: AttributeValues): void;
  /** @param labels as for `count` */
  record(metric: RecordedMetric, value: number, labels?: AttributeValues): void;
}

/** Counts with `given`, else with the host's global provider at the time of each count. */
export function countHealth(given?: MeterProvider): Health {
  let provider: MeterProvider | undefined;
  const instruments = new Map<keyof Metrics, Counter | UpDownCounter | Histogram>();
  const instrumentOf = (metric: keyof Metrics): Counter | UpDownCounter | Histogram => {
    const current = given ?? metricsApi.getMeterProvider();
    if (current !== provider) instruments.clear();
    provider = current;
    let instrument = instruments.get(metric);
    if (instrument === undefined) instruments.set(metric, (instrument = create(current.getMeter(instrumentationScope, version), metric)));
    return instrument;
  };
  return {
    count(metric, amount = 1, labels) {
      try {
        const instrument = instrumentOf(metric);
        if ('add' in instrument) instrument.add(amount, labels);
      } catch {
        // Reporting that a count failed would count a fault, which would fail in turn.
      }
    },
    record(metric, value, labels) {
      try {
        const instrument = instrumentOf(metric);
        if ('record' in instrument) instrument.record(value, labels);
      } catch {
        // As above.
      }
    },
  };
}

function create(meter: Meter, metric: keyof Metrics): Counter | UpDownCounter | Histogram {
  const { name, instrument, unit, description } = metrics[metric];
  if (instrument === 'counter') return meter.createCounter(name, { unit, description });
  if (instrument === 'updowncounter') return meter.createUpDownCounter(name, { unit, description });
  return meter.createHistogram(name, { unit, description });
}
