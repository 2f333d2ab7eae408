/** What a schema says, in the words of docs/protocol.md. */
import * as z from 'zod/mini';
import {
  type MessageName,
  messages,
  modelVersionSchema,
  roundDescriptorSchema,
  taskSummarySchema,
} from './messages.ts';

/** Over every bound of bytes. */
const tooLong = new Uint8Array(2 ** 25);

/** Path of a field, and what may stand there. */
export type DescribedField = readonly [path: string, type: string];

const named = new Map<z.ZodMiniType, string>([
  [modelVersionSchema, 'ModelVersion'],
  [taskSummarySchema, 'TaskSummary'],
  [roundDescriptorSchema, 'RoundDescriptor'],
]);

/** Fields of the three structures that messages share, then of every message and answer. */
export function describedStructures(): readonly (readonly [name: string, fields: readonly DescribedField[]])[] {
  const contents = (Object.keys(messages) as MessageName[]).flatMap((name) => {
    const row = messages[name];
    const content = [name, fieldsOf(row.content)] as const;
    return row.kind === 'request' ? [content, [`${name}, answer`, fieldsOf(row.reply)] as const] : [content];
  });
  return [...[...named].map(([schema, name]) => [name, structureOf(schema)] as const), ...contents];
}

function structureOf(schema: z.ZodMiniType): readonly DescribedField[] {
  return Object.entries((schema as z.ZodMiniObject)._zod.def.shape).flatMap(([field, inner]) =>
    fieldsOf(inner as z.ZodMiniType, field),
  );
}

function fieldsOf(schema: z.ZodMiniType, path = ''): readonly DescribedField[] {
  const name = named.get(schema);
  if (name !== undefined) return [[path || 'the whole', name]];
  const def = (schema as z.ZodMiniType & { readonly _zod: { readonly def: z.core.$ZodTypes['_zod']['def'] } })._zod.def;
  const inside = (inner: unknown, note: string): readonly DescribedField[] => {
    const [[first, type], ...rest] = fieldsOf(inner as z.ZodMiniType, path);
    return [[first, `${type}${note}`], ...rest];
  };
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).flatMap(([field, inner]) =>
        fieldsOf(inner as z.ZodMiniType, path ? `${path}.${field}` : field),
      );
      if (path) return [[path, 'map'], ...fields];
      return fields.length > 0 ? fields : [['the whole', 'empty map']];
    }
    case 'union':
      return def.options.flatMap((option) => {
        if ((option as z.ZodMiniUnion)._zod.def.type === 'union') return fieldsOf(option as z.ZodMiniType, path);
        const [whole, kind, ...rest] = fieldsOf(option as z.ZodMiniType, path);
        return [[whole[0], `map, ${kind[0].slice(path.length + 1)} ${kind[1]}`] as const, ...rest];
      });
    case 'array':
      return [[path, arrayRule(schema, fieldsOf(def.element as z.ZodMiniType, path)[0][1])]];
    case 'nullable':
      return inside(def.innerType, ' or null');
    case 'optional':
      return inside(def.innerType, ', may be absent');
    case 'default':
      return inside(def.innerType, '');
    case 'literal':
      return [[path, def.values.map((value) => JSON.stringify(value)).join(' or ')]];
    case 'enum':
      return [
        [
          path,
          Object.values(def.entries)
            .map((value) => `"${value}"`)
            .join(' or '),
        ],
      ];
    case 'number':
      return [[path, numberRange(schema)]];
    case 'boolean':
      return [[path, 'boolean']];
    case 'string':
      return [[path, textRule(schema)]];
    case 'custom':
      return [[path, expectation(schema, tooLong)]];
    default:
      throw new TypeError(`No words for a schema of type ${def.type} at ${path}.`);
  }
}

/** Bounds, as zod tells them to a JSON Schema. */
function boundsOf(schema: z.ZodMiniType): Readonly<Record<string, number | string | undefined>> {
  return z.toJSONSchema(schema, { unrepresentable: 'any' }) as Record<string, number | string | undefined>;
}

function arrayRule(schema: z.ZodMiniType, element: string): string {
  const { minItems, maxItems } = boundsOf(schema);
  return `array of ${minItems} to ${maxItems}: ${element}`;
}

function numberRange(schema: z.ZodMiniType): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = boundsOf(schema);
  const kind = String(type);
  const from = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  const to = exclusiveMaximum === undefined ? maximum : `below ${exclusiveMaximum}`;
  if (from === undefined) return kind;
  return `${kind} ${from} to ${to === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : to}`;
}

function textRule(schema: z.ZodMiniType): string {
  const { pattern, minLength, maxLength } = boundsOf(schema);
  if (pattern !== undefined) return expectation(schema, '').replace(/^an? /, '');
  return `text of ${minLength ?? 0} to ${maxLength} UTF-16 units`;
}

/** What the schema's own message says that it expected. */
function expectation(schema: z.ZodMiniType, wrong: unknown): string {
  const message = schema.safeParse(wrong).error?.issues[0].message ?? '';
  return message.replace(/^expected /, '');
}
