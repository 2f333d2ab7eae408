/** Every direct dependency must run on the oldest Node that we promise. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** One sentence for each direct dependency whose `engines.node` leaves out our floor. */
export function enginesProblems(root: string): string[] {
  const floor = semver.minVersion(readManifest(root).engines?.node ?? '');
  if (!floor) return ['package.json: engines.node is missing; expected the oldest Node that we promise.'];
  const workspaces = [root, ...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))];
  const problems: string[] = [];
  for (const workspace of workspaces) {
    if (!existsSync(join(workspace, 'package.json'))) continue;
    const manifest = readManifest(workspace);
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const folder = join(workspace, 'node_modules', name);
      if (name.startsWith('@tributary/') || !existsSync(folder)) continue;
      const dependency = readManifest(realpathSync(folder));
      const range = dependency.engines?.node;
      if (range && !semver.satisfies(floor, range)) {
        problems.push(
          `${manifest.name}: ${name}@${dependency.version} needs Node ${range}; we promise ${floor.version}. Pin an older line in pnpm-workspace.yaml.`,
        );
      }
    }
  }
  return problems;
}
