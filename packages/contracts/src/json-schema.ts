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
  const fault = findJsonFault(META_SCHEMA, schema);
  if (fault !== null) return fault;
  try {
    // Compiling reads every pattern of the schema, checking runs it once: both throw on what no value could ever fit.
    Compile(schema).Check(null);
    return null;
  } catch (error) {
    return `cannot be applied: ${toMessage(error)}`;
  }
}

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
