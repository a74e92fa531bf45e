import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the checks need to know of a published package. */
export interface WorkspacePackage {
  /** From the root of the repository. */
  readonly folder: string;
  readonly name: string;
  /** What users write to import each entry with code: `tracewright`, `tracewright/otel`. */
  readonly entries: readonly string[];
  /** Peers as `name@version`, at the versions that the package is developed with. */
  readonly peers: readonly string[];
}

/** The parts of a package.json that are read here. */
interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Reads the package in `folder` of the repository.
 *
 * @throws {Error} when a peer has no version among the devDependencies
 */
export function readManifest(root: string, folder: string): WorkspacePackage {
  // Our own file: publint and npm check its shape.
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => `${manifest.name}${path.slice(1)}`);
  const peers = Object.keys(manifest.peerDependencies ?? {}).map((peer) => {
    const version = manifest.devDependencies?.[peer];
    if (version === undefined) {
      throw new Error(`${folder}/package.json has the peer ${peer}, but no devDependency on it`);
    }
    return `${peer}@${version}`;
  });
  return { folder, name: manifest.name, entries, peers };
}
