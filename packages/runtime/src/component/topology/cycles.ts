import { deadLetterOf } from '../dead-letter-name.ts';
import type { TopologyDestination, TopologyInstance } from './topology.ts';

/** An instance or a destination, and where messages go from there. */
interface Vertex {
  /** None for a destination. */
  readonly instance: string | undefined;
  readonly to: Vertex[];
  /** When the search came here first; 0 before that. */
  found: number;
  /** The earliest one found that is known to be reached from here and to lead back here. */
  earliest: number;
  /** How many of `to` have been looked at. */
  tried: number;
  /** Those that reach each other, this one among them, once that is known. */
  group: readonly Vertex[] | undefined;
  /** On the shortest way from the group's first instance. */
  before: Vertex | undefined;
}

/**
 * One cycle for each group of instances that can all reach each other: the shortest one through its first instance, which it begins with. In the order of those.
 *
 * All cycles could be more than anybody can read: their number grows exponentially. This takes time in proportion to the ports.
 */
export function cyclesOf(
  instances: readonly TopologyInstance[],
  destinations: readonly TopologyDestination[],
): readonly (readonly string[])[] {
  const vertices = verticesOf(instances, destinations);
  findGroups(vertices);
  const cycles: (readonly string[])[] = [];
  const done = new Set<readonly Vertex[]>();
  for (const vertex of vertices) {
    const { instance, group = [] } = vertex;
    // What publishes to itself is in a group with its destination.
    if (instance === undefined || group.length < 2 || done.has(group)) continue;
    done.add(group);
    cycles.push(shortestCycle(vertex));
  }
  return cycles;
}

function verticesOf(instances: readonly TopologyInstance[], destinations: readonly TopologyDestination[]): readonly Vertex[] {
  const places = new Map(destinations.map(({ name }) => [name, vertexFor(undefined)]));
  const vertices = instances.map(({ instance, publishes, subscribes }) => {
    const vertex = vertexFor(instance);
    for (const { destination } of subscribes) places.get(destination)?.to.push(vertex);
    const targets = [...publishes.map(({ destination }) => destination), ...subscribes.map(({ destination }) => deadLetterOf(destination))];
    for (const target of new Set(targets)) {
      const place = places.get(target);
      if (place !== undefined) vertex.to.push(place);
    }
    return vertex;
  });
  return [...vertices, ...places.values()];
}

function vertexFor(instance: string | undefined): Vertex {
  return { instance, to: [], found: 0, earliest: 0, tried: 0, group: undefined, before: undefined };
}

/** Gives each vertex its group: strongly connected components (Tarjan), without recursion, which thousands of them would be too deep for. */
function findGroups(vertices: readonly Vertex[]): void {
  let count = 0;
  const undecided: Vertex[] = [];
  for (const root of vertices) {
    const path = root.found === 0 ? [root] : [];
    for (let vertex = path.at(-1); vertex !== undefined; vertex = path.at(-1)) {
      if (vertex.found === 0) {
        count += 1;
        vertex.found = count;
        vertex.earliest = count;
        undecided.push(vertex);
      }
      const next = vertex.to[vertex.tried];
      vertex.tried += 1;
      if (next === undefined) {
        path.pop();
        leave(vertex, path.at(-1), undecided);
      } else if (next.found === 0) path.push(next);
      else if (next.group === undefined) vertex.earliest = Math.min(vertex.earliest, next.found);
    }
  }
}

function leave(vertex: Vertex, caller: Vertex | undefined, undecided: Vertex[]): void {
  if (caller !== undefined) caller.earliest = Math.min(caller.earliest, vertex.earliest);
  if (vertex.earliest !== vertex.found) return;
  const group = undecided.splice(undecided.lastIndexOf(vertex));
  for (const member of group) member.group = group;
}

/** Breadth first, and each destination in the order in which it was declared: always the same one of those that are as short. */
function shortestCycle(first: Vertex): readonly string[] {
  const reached = [first];
  for (const vertex of reached)
    for (const next of vertex.to) {
      if (next === first) return instancesTo(vertex);
      if (next.group !== first.group || next.before !== undefined) continue;
      next.before = vertex;
      reached.push(next);
    }
  return [];
}

function instancesTo(last: Vertex): readonly string[] {
  const instances: string[] = [];
  for (let vertex: Vertex | undefined = last; vertex !== undefined; vertex = vertex.before)
    if (vertex.instance !== undefined) instances.push(vertex.instance);
  return instances.toReversed();
}
