import { type Flag, variableOf } from './flag.ts';

type Takes = Flag['takes'];

function flag(name: string, [takes, argument]: readonly [Takes, string?], description: string): Flag {
  return { name, takes, argument, description, variable: variableOf(name) };
}

/** What can be said of any run, whatever its components are. */
export const runFlags: readonly Flag[] = [
  flag('enable', ['list', 'names'], 'start only these instances or components'),
  flag('disable', ['list', 'names'], 'leave these instances or components out'),
  flag('set', ['lines', 'name.option=value'], 'an option of an instance or a component, its value as in YAML; may be repeated'),
  flag('transport', ['text', 'url'], 'memory:, nats://host:port or kafka://host:port, several hosts with commas (default: memory:)'),
  flag('health', ['text', 'host:port'], 'answer /startupz, /readyz, /livez and /tree; :8080 is on loopback, 0.0.0.0:8080 on all addresses'),
  flag('grpc-health', ['text', 'host:port'], 'answer grpc.health.v1, in the same way'),
  flag('replica-set', ['text', 'name'], 'take footprints from a topic, as one of the replicas of that name, in place of a file'),
  flag('control', ['text', 'destination'], 'of --replica-set: where orders come from (default: tracewright.control)'),
  flag('status', ['text', 'destination'], 'of --replica-set: where is told what became of them (default: tracewright.status)'),
  flag('policy', ['text', 'policy'], 'what a component that fails does to the others: fail-fast or best-effort (default: fail-fast)'),
  flag('drain-timeout', ['text', 'seconds'], 'how long the work that has begun may take once the end is asked for (default: 20)'),
  flag('location', ['list', 'names'], 'where this is: a footprint that names other locations is not started'),
  flag('strict', ['switch'], 'refuse a footprint whose components do not fit together'),
  flag('external', ['list', 'names'], 'destinations that other programs publish to or subscribe to'),
  flag('dry-run', ['switch'], 'check everything, print the topology, start and connect nothing'),
  flag('print', ['text', 'format'], 'of --dry-run: text or mermaid (default: text)'),
  flag('format', ['text', 'format'], 'of the footprint: yaml or json (default: as the name of the file, or its first letter, says)'),
  flag('log-level', ['text', 'level'], 'debug, info, warn, error or silent (default: info)'),
  flag('log-format', ['text', 'format'], 'text or json (default: text)'),
];

/** Of the command only: `main` has its components. */
export const componentsFlag: Flag = flag(
  'components',
  ['text', 'module'],
  'a file or package that exports the components (default: components.js, .mjs or .ts beside the footprint)',
);
