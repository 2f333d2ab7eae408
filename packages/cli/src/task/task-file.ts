/** Task documents from files: parsed, validated, every problem with its path and its line. */
import { dirname, resolve } from 'node:path';
import { checkTaskDocument, type TaskDocument, type TaskDocumentProblem } from '@tributary/protocol';
import { CommandError, type Problem } from '../exit/command-error.ts';
import { readStructuredFile, type StructuredFile } from './structured-file.ts';

export interface TaskFile {
  readonly path: string;
  readonly task: TaskDocument;
  /** Absolute path of the catalogue, resolved against the document's folder; null where the document names none. */
  readonly cataloguePath: string | null;
}

/** Reads a task document. @throws CommandError `input` with every problem. */
export async function readTaskFile(path: string): Promise<TaskFile> {
  const file = await readStructuredFile(path);
  const checked = checkTaskDocument(file.value);
  if (!checked.ok) {
    const count = checked.problems.length;
    throw new CommandError(
      'input',
      `${path} is not a task document: ${count} ${count === 1 ? 'problem' : 'problems'}.`,
      {
        problems: checked.problems.map((problem) => located(problem, file)),
        advice: 'docs/tutorial-operator.md explains the fields; `tributary task check FILE` checks again.',
      },
    );
  }
  const { catalogue } = checked.task;
  return {
    path,
    task: checked.task,
    cataloguePath: catalogue === undefined ? null : resolve(dirname(resolve(path)), catalogue),
  };
}

/** A problem with its line. An unknown key is blamed where it stands, not where the map that holds it begins. */
function located({ path, message }: TaskDocumentProblem, file: StructuredFile): Problem {
  const parts = path === '' ? [] : path.split('.');
  const unknownKey = /^Unrecognized key: "(.+)"/.exec(message)?.[1];
  return { path, message, line: file.lineOf(unknownKey === undefined ? parts : [...parts, unknownKey]) };
}
