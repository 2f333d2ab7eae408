/** Bodies of admin calls, checked once: every problem names its path. */
import { checkTaskDocument, type TaskDocument } from '@tributary/protocol';
import { z } from 'zod';
import type { CatalogueItem } from '../store/store.ts';

/** A catalogue of a million items with descriptions fits; nothing larger is read. */
export const maximumBodyBytes = 268_435_456;

export interface BodyProblem {
  readonly path: string;
  readonly message: string;
}

export type BodyCheck<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly BodyProblem[] };

/** Problems past these are counted, not listed. */
const listedProblems = 20;

const itemSchema = z.strictObject({
  id: z.string().min(1).max(256),
  title: z.string().max(1024).default(''),
  attributes: z.array(z.string().max(256)).max(256).default([]),
  description: z.string().max(65_536).default(''),
});

const newTaskSchema = z.strictObject({
  document: z.unknown(),
  catalogue: z
    .array(itemSchema)
    .min(1)
    .superRefine((items, context) => {
      const first = new Map<string, number>();
      items.forEach(({ id }, index) => {
        const earlier = first.get(id);
        if (earlier === undefined) first.set(id, index);
        else context.addIssue({ code: 'custom', path: [index, 'id'], message: `is the id of item ${earlier} too` });
      });
    }),
});

const rollbackSchema = z.strictObject({
  version: z.string().regex(/^[0-9a-f]{64}$/, 'expected the full hash of a version, 64 hex digits'),
});

export function checkNewTask(
  body: unknown,
): BodyCheck<{ readonly document: TaskDocument; readonly catalogue: readonly CatalogueItem[] }> {
  const parsed = newTaskSchema.safeParse(body);
  const given = typeof body === 'object' && body !== null && 'document' in body ? body.document : undefined;
  const document = checkTaskDocument(given);
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error)),
    ...(document.ok ? [] : document.problems.map(({ path, message }) => ({ path: joined('document', path), message }))),
  ];
  if (parsed.success && document.ok) {
    return { ok: true, value: { document: document.task, catalogue: parsed.data.catalogue } };
  }
  return { ok: false, problems: bounded(problems) };
}

export function checkRollback(body: unknown): BodyCheck<{ readonly version: string }> {
  const parsed = rollbackSchema.safeParse(body);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: bounded(problemsOf(parsed.error)) };
}

function problemsOf(error: z.ZodError): BodyProblem[] {
  return error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
}

function bounded(problems: readonly BodyProblem[]): readonly BodyProblem[] {
  const rest = problems.length - listedProblems;
  return rest > 0 ? [...problems.slice(0, listedProblems), { path: '', message: `and ${rest} more` }] : problems;
}

function joined(prefix: string, path: string): string {
  return path === '' ? prefix : `${prefix}.${path}`;
}
