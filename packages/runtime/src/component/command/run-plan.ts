import { stopOnSignals } from '../../lifecycle/stop-on-signals.ts';
import { showTreeOnSignal } from '../../lifecycle/show-tree-on-signal.ts';
import { createRuntime, type Runtime } from '../../runtime.ts';
import { deploy } from '../deploy.ts';
import type { HealthSubject } from '../health/deployment-health.ts';
import type { Transport } from '../transport.ts';
import { instanceOf } from './adjust-footprint.ts';
import { endOf } from './end-of-run.ts';
import type { Log } from './log.ts';
import type { Plan } from './plan.ts';
import type { Program, Surroundings } from './program.ts';
import type { Settings } from './settings.ts';
import type { TransportUrl } from './transport-url.ts';
import { type Probes, requireProbes, serveProbes } from './serve-probes.ts';
import { type ProgramTelemetry, startProgramTelemetry } from './start-telemetry.ts';
import { transportOf } from './transport-of.ts';
import { watchComponents } from './watch-components.ts';

/** What is run, and how it is told of. */
export interface Run {
  readonly program: Program;
  readonly settings: Settings;
  readonly transport: TransportUrl;
  /** As telemetry calls it, where the program has no name. */
  readonly name: string | undefined;
  readonly start: (runtime: Runtime, transport: Transport) => Promise<HealthSubject>;
  /** What the boot record says. */
  readonly boot: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> };
}

/** Runs a plan from its start to its end. Resolves with the exit code when all has ended, and all that telemetry has to send is sent. */
export function runPlan({ program, footprint, settings, transport }: Plan, surroundings: Surroundings, log: Log): Promise<number> {
  const { identifier, revision, name, allocations } = footprint;
  const { policy, drainTimeoutMs, locations = [] } = settings;
  const { components } = program;
  return runFromStartToEnd(
    {
      program,
      settings,
      transport,
      name,
      start: (runtime, over) => deploy(footprint, { runtime, components, transport: over, policy, drainTimeoutMs, locations }),
      boot: { message: `${name ?? identifier} is starting`, fields: { identifier, revision, instances: allocations.map(instanceOf) } },
    },
    surroundings,
    log,
  );
}

export async function runFromStartToEnd(run: Run, surroundings: Surroundings, log: Log): Promise<number> {
  const { program, settings } = run;
  const { env } = surroundings;
  await requireProbes(settings);
  const transport = await transportOf(run.transport, env, program.transports);
  const name = program.name ?? run.name;
  const telemetry = await startProgramTelemetry({ name, version: program.version, env, log });
  try {
    const runtime = createRuntime({ service: { name: env['OTEL_SERVICE_NAME'] || name, version: program.version } });
    try {
      return await watchToTheEnd(await run.start(runtime, transport), { run, surroundings, log, telemetry });
    } finally {
      await runtime.close();
    }
  } finally {
    await telemetry.close();
  }
}

interface Around {
  readonly run: Run;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly telemetry: ProgramTelemetry;
}

async function watchToTheEnd(deployment: HealthSubject, { run, surroundings, log, telemetry }: Around): Promise<number> {
  const { settings } = run;
  const seconds = settings.drainTimeoutMs / 1000;
  const actions = {
    stop: `stopping, within ${seconds} s`,
    terminate: 'terminating',
    ignore: 'stopping already',
    default: 'ending at once',
  };
  stopOnSignals(deployment.lifecycle, {
    process: surroundings.process,
    onSignal: (name, action) => log.info(`${name}: ${actions[action]}`),
  });
  showTreeOnSignal(deployment.lifecycle, { process: surroundings.process, write: (text) => tellOfTree(text, surroundings, log) });
  let probes: Probes;
  try {
    probes = await serveProbes(deployment, settings);
  } catch (error) {
    log.failure('the end begins', error);
    await deployment.lifecycle.stop();
    return 1;
  }
  const { message, fields } = run.boot;
  log.info(message, { ...fields, process: telemetry.processNonce, transport: run.transport.text, ...probes.addresses });
  const unwatch = watchComponents(deployment, log);
  deployment.ready.then(
    () => tellOfStart(deployment, log),
    // Each component that has failed was told of, and so is the end.
    () => undefined,
  );
  const outcome = await deployment.done;
  unwatch();
  await probes.close();
  return endOf(outcome, deployment.status(), log);
}

/** Resolved is not yet ready: with `best-effort` some have failed, and what is stopped while it starts comes up no more. */
function tellOfStart(deployment: HealthSubject, log: Log): void {
  const states = deployment.status().map(({ state }) => state);
  const failed = states.filter((state) => state === 'failed').length;
  if (failed > 0) log.warn(`${states.length - failed} of ${states.length} components are up`);
  else if (!deployment.grace.aborted && !states.includes('starting')) log.info('all components are up');
}

/** Text for people stays as it is; whoever reads objects gets one. */
function tellOfTree(text: string, { stderr }: Surroundings, log: Log): void {
  if (log.format === 'json') log.info('the tree of lifecycles', { tree: text });
  else stderr.write(text);
}
