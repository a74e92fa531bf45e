import { stopOnSignals } from '../../lifecycle/stop-on-signals.ts';
import { showTreeOnSignal } from '../../lifecycle/show-tree-on-signal.ts';
import { createRuntime } from '../../runtime.ts';
import { type Deployment, deploy } from '../deploy.ts';
import { instanceOf } from './adjust-footprint.ts';
import { endOf } from './end-of-run.ts';
import type { Log } from './log.ts';
import type { Plan } from './plan.ts';
import type { Surroundings } from './program.ts';
import { type Probes, requireProbes, serveProbes } from './serve-probes.ts';
import { type ProgramTelemetry, startProgramTelemetry } from './start-telemetry.ts';
import { transportOf } from './transport-of.ts';
import { watchComponents } from './watch-components.ts';

/** Runs a plan from its start to its end. Resolves with the exit code when all has ended, and all that telemetry has to send is sent. */
export async function runPlan(plan: Plan, surroundings: Surroundings, log: Log): Promise<number> {
  const { program, footprint, settings } = plan;
  const { env } = surroundings;
  await requireProbes(settings);
  const transport = await transportOf(plan.transport, env, program.transports);
  const name = program.name ?? footprint.name;
  const telemetry = await startProgramTelemetry({ name, version: program.version, env, log });
  try {
    const runtime = createRuntime({ service: { name: env['OTEL_SERVICE_NAME'] || name, version: program.version } });
    try {
      const { policy, drainTimeoutMs, locations = [] } = settings;
      const options = { runtime, components: program.components, transport, policy, drainTimeoutMs, locations };
      return await runDeployment(await deploy(footprint, options), { plan, surroundings, log, telemetry });
    } finally {
      await runtime.close();
    }
  } finally {
    await telemetry.close();
  }
}

interface Around {
  readonly plan: Plan;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly telemetry: ProgramTelemetry;
}

async function runDeployment(deployment: Deployment, { plan, surroundings, log, telemetry }: Around): Promise<number> {
  const { settings } = plan;
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
    await deployment.stop();
    return 1;
  }
  tellOfBoot(plan, { log, telemetry, probes });
  const unwatch = watchComponents(deployment, log);
  deployment.ready.then(
    () => log.info('all components are up'),
    // Each component that has failed was told of, and so is the end.
    () => undefined,
  );
  const outcome = await deployment.done;
  unwatch();
  await probes.close();
  return endOf(outcome, deployment.status(), log);
}

function tellOfBoot({ footprint, transport }: Plan, around: Pick<Around, 'log' | 'telemetry'> & { readonly probes: Probes }): void {
  const { identifier, revision, name, allocations } = footprint;
  around.log.info(`${name ?? identifier} is starting`, {
    identifier,
    revision,
    instances: allocations.map(instanceOf),
    process: around.telemetry.processNonce,
    transport: transport.text,
    ...around.probes.addresses,
  });
}

/** Text for people stays as it is; whoever reads objects gets one. */
function tellOfTree(text: string, { stderr }: Surroundings, log: Log): void {
  if (log.format === 'json') log.info('the tree of lifecycles', { tree: text });
  else stderr.write(text);
}
