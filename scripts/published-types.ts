/** Whether the types in a packed package resolve to what its code is, in every entry (are-the-types-wrong). */
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { problemKindInfo } from '@arethetypeswrong/core/problems';

/** The packages are ESM alone: `require` and resolution before `exports` are not served. */
function isServed(problem: Problem): boolean {
  if (problem.kind === 'CJSResolvesToESM') return false;
  return !('resolutionKind' in problem && problem.resolutionKind === 'node10');
}

/**
 * @param tarball gzipped, as `pnpm pack` makes it; style sheets among the entries are passed over
 * @returns one line for each problem
 */
export async function publishedTypesProblems(tarball: Uint8Array): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(tarball), { excludeEntrypoints: [/\.css$/] });
  if (!result.types) return ['The packed package has no types.'];
  return result.problems
    .filter(isServed)
    .map((problem) => `${problemKindInfo[problem.kind].description} ${placeOf(problem)}`);
}

function placeOf(problem: Problem): string {
  const { kind, ...rest } = problem;
  const shown = Object.entries(rest).filter(([, value]) => typeof value === 'string');
  return `(${[kind, ...shown.map(([name, value]) => `${name} ${value}`)].join(', ')})`;
}
