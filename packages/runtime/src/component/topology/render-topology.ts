import { requirePlainObject } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import { mermaidOf } from './mermaid.ts';
import { textOf } from './text.ts';
import type { Topology } from './topology.ts';

/**
 * The topology for people: the same text for the same footprint.
 *
 * As `text` for a terminal, at most 96 columns wide where no name is longer; as `mermaid`, the source of a flowchart: instances are boxes, destinations are rounded, the way of
 * dead letters is dotted.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for another format
 * @example
 * console.log(renderTopology(topologyOf(footprint, components), 'text'));
 */
export function renderTopology(topology: Topology, format: 'text' | 'mermaid'): string {
  requirePlainObject('renderTopology.topology', topology);
  if (format === 'text') return textOf(topology);
  if (format === 'mermaid') return mermaidOf(topology);
  throw badOption('renderTopology.format', "'text' or 'mermaid'", format);
}
