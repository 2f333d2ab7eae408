/** The entries of a package's `exports` whose declarations make up its public surface. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Entry {
  /** As an app imports it, such as '@tributary/client/react'. */
  readonly specifier: string;
  /** Its declaration file, absolute; null for what is no module, such as a style sheet. */
  readonly types: string | null;
  /** Name of its report, such as 'client.react.api.txt'. */
  readonly report: string;
}

export interface PublishedPackage {
  readonly name: string;
  /** Absolute; only what is declared in it is the package's own. */
  readonly folder: string;
  readonly entries: readonly Entry[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, { readonly types?: string; readonly default?: string }>>;
}

/** Every package under `packages/` of `root` that is published, by name; entries in the order of the manifest. */
export function readPublishedPackages(root: string): readonly PublishedPackage[] {
  return readdirSync(join(root, 'packages'))
    .sort()
    .flatMap((short) => {
      const folder = join(root, 'packages', short);
      const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (manifest.private || manifest.exports === undefined) return [];
      const entries = Object.entries(manifest.exports).map(([path, { types, default: file }]): Entry => {
        if (types === undefined) throw new Error(`${manifest.name}: the entry '${path}' has no types.`);
        return {
          specifier: manifest.name + path.slice(1),
          types: file?.endsWith('.js') ? join(folder, types) : null,
          report: `${[short, ...path.split('/').slice(1)].join('.')}.api.txt`,
        };
      });
      return [{ name: manifest.name, folder, entries }];
    });
}
