import { Compile, Errors } from 'typebox/schema';

/** A JSON schema as data: it came over HTTP, or goes out with a request. */
export type JsonSchema = Record<string, unknown>;

const SCHEMAS = { type: 'array', items: { $ref: '#' } };
const SCHEMAS_BY_NAME = { type: 'object', additionalProperties: { $ref: '#' } };
const TYPES = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] };

/** What a schema must look like; a misspelled type would otherwise let every value pass. */
const META_SCHEMA: JsonSchema = {
  type: ['object', 'boolean'],
  properties: {
    type: { anyOf: [TYPES, { type: 'array', items: TYPES }] },
    properties: SCHEMAS_BY_NAME,
    patternProperties: SCHEMAS_BY_NAME,
    additionalProperties: { $ref: '#' },
    items: { $ref: '#' },
    prefixItems: SCHEMAS,
    required: { type: 'array', items: { type: 'string' } },
    enum: { type: 'array' },
    pattern: { type: 'string' },
    anyOf: SCHEMAS,
    allOf: SCHEMAS,
    oneOf: SCHEMAS,
    not: { $ref: '#' },
  },
};

/** Where and how a value misses a schema, in one sentence; null when it fits. */
export function findJsonFault(schema: JsonSchema, value: unknown): string | null {
  try {
    const [fits, faults] = Errors(schema, value);
    if (fits) return null;
    const fault = faults[0];
    return fault === undefined ? 'does not fit the schema' : `${fault.instancePath || 'the value'} ${fault.message}`;
  } catch (error) {
    // A reference to itself without an end exhausts the stack, and a bad pattern throws: neither schema fits anything.
    return `the schema cannot be applied: ${toMessage(error)}`;
  }
}

/** What is wrong with a schema itself; null when it can be applied. References to other documents are not followed. */
export function findSchemaFault(schema: JsonSchema): string | null {
  const fault = findJsonFault(META_SCHEMA, schema) ?? findPattern(schema);
  if (fault !== null) return fault;
  try {
    // Checking once throws on what no value could ever fit.
    Compile(schema).Check(null);
    return null;
  } catch (error) {
    return `cannot be applied: ${toMessage(error)}`;
  }
}

const BY_NAME = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
const VALUES = new Set(['const', 'enum', 'default', 'examples']);

/** The engine of JSON schemas matches by backtracking, which a pattern can make last for ever. A schema has no end of depth: hence no recursion. */
function findPattern(schema: JsonSchema): string | null {
  const open: unknown[] = [schema];
  while (open.length > 0) {
    const one = open.pop();
    if (Array.isArray(one)) open.push(...(one as unknown[]));
    else if (typeof one === 'object' && one !== null) {
      if ('pattern' in one || 'patternProperties' in one)
        return 'it has a pattern, which is not supported in a schema: use a grader of the kind regex';
      for (const [key, inner] of Object.entries(one))
        if (BY_NAME.has(key)) open.push(Object.values((inner ?? {}) as object));
        else if (!VALUES.has(key)) open.push(inner);
    }
  }
  return null;
}

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
