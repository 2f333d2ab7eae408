/** What stands in the kept reports against what was made now. */
import { createTwoFilesPatch } from 'diff';

/** One unified diff, with three lines around each change, for every file that differs; none when all are the same. */
export function changesOf(kept: ReadonlyMap<string, string>, made: ReadonlyMap<string, string>): readonly string[] {
  const files = [...new Set([...kept.keys(), ...made.keys()])].sort();
  return files
    .filter((file) => kept.get(file) !== made.get(file))
    .map((file) =>
      createTwoFilesPatch(`docs/api/${file}`, 'now', kept.get(file) ?? '', made.get(file) ?? '', '', '', {
        context: 3,
      }).replace(/^=+\n/, ''),
    );
}
