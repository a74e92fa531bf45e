import type { EnvironmentReader, Warn } from './environment.ts';

/** A sampler of the SDK, described: `ratio` of root traces, and whether a parent's decision goes first. */
export interface SamplerSettings {
  readonly parentBased: boolean;
  /** Between 0 and 1. */
  readonly ratio: number;
}

const samplers: Readonly<Record<string, { parentBased: boolean; ratio: number | 'argument' }>> = {
  always_on: { parentBased: false, ratio: 1 },
  always_off: { parentBased: false, ratio: 0 },
  traceidratio: { parentBased: false, ratio: 'argument' },
  parentbased_always_on: { parentBased: true, ratio: 1 },
  parentbased_always_off: { parentBased: true, ratio: 0 },
  parentbased_traceidratio: { parentBased: true, ratio: 'argument' },
};

/** The sampler that `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` ask for. What is unknown is told, and everything is sampled. */
export function samplerSettings(environment: EnvironmentReader, warn: Warn): SamplerSettings {
  const name = environment.text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const found = Object.hasOwn(samplers, name) ? samplers[name] : undefined;
  if (found === undefined) {
    warn(`OTEL_TRACES_SAMPLER is "${name}", none of ${Object.keys(samplers).join(', ')}: parentbased_always_on is used`);
    return { parentBased: true, ratio: 1 };
  }
  return { parentBased: found.parentBased, ratio: found.ratio === 'argument' ? readRatio(environment, warn) : found.ratio };
}

function readRatio(environment: EnvironmentReader, warn: Warn): number {
  const given = environment.text('OTEL_TRACES_SAMPLER_ARG');
  const ratio = Number(given);
  if (given !== undefined && ratio >= 0 && ratio <= 1) return ratio;
  warn(`OTEL_TRACES_SAMPLER_ARG is ${given === undefined ? 'not set' : `"${given}"`}, expected a number from 0 to 1: 1 is used`);
  return 1;
}
