import * as z from 'zod/mini';
import { taskDocumentSchema } from './task-document.ts';

/**
 * JSON Schema (draft 2020-12) of a task document as its operator writes it, for editors. Rules that span fields are not in it:
 * `checkTaskDocument` decides.
 */
export function taskDocumentJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Tributary task', ...z.toJSONSchema(taskDocumentSchema, { io: 'input' }) };
}
