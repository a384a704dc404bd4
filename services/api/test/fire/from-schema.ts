import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from './reference.ts';

/** What a field of this name may hold that names something; null where chance decides. */
export type Known = (name: string) => readonly unknown[] | null;

const DEPTH_MAX = 6;
const TEXT_MAX = 60;

/**
 * Values that fit a JSON schema, of the keywords that our requests use. Fields whose name `known` has values for take one of them most of
 * the time, so that some requests name what is there.
 */
export function fromSchema(schema: Schema, known: Known, name = '', depth = 0): Arbitrary<unknown> {
  const names = known(name);
  const chance = byType(schema, known, depth);
  if (names === null || names.length === 0 || schema['type'] === 'array') return chance;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: chance });
}

function byType(schema: Schema, known: Known, depth: number): Arbitrary<unknown> {
  const {
    anyOf,
    enum: values,
    const: only,
    type = '',
  } = schema as { anyOf?: Schema[]; enum?: unknown[]; const?: unknown; type?: string };
  if (anyOf) return fc.oneof(...anyOf.map((one) => fromSchema(one, known, '', depth)));
  if (values) return fc.constantFrom(...values);
  if (only !== undefined) return fc.constant(only);
  switch (type) {
    case 'object':
      return objects(schema, known, depth);
    case 'array':
      return arrays(schema, known, depth);
    case 'string':
      return texts(schema);
    case 'integer':
    case 'number':
      return numbers(schema, type);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function objects(schema: Schema, known: Known, depth: number): Arbitrary<unknown> {
  const {
    properties = {},
    required = [],
    additionalProperties,
  } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
    additionalProperties?: Schema | boolean;
  };
  const names = Object.keys(properties).filter((name) => depth < DEPTH_MAX || required.includes(name));
  if (names.length === 0 && typeof additionalProperties === 'object') {
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fromSchema(additionalProperties, known, '', depth + 1), {
      maxKeys: 3,
    });
  }
  const fields = names.map((name) => [name, fromSchema(properties[name] as Schema, known, name, depth + 1)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required.filter((name) => names.includes(name)) });
}

function arrays(schema: Schema, known: Known, depth: number): Arbitrary<unknown> {
  const {
    items = {},
    minItems = 0,
    maxItems = 3,
    uniqueItems,
  } = schema as { items?: Schema; minItems?: number; maxItems?: number; uniqueItems?: boolean };
  const item = fromSchema(items, known, '', depth + 1);
  const length = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, depth < DEPTH_MAX ? 3 : 0)) };
  return uniqueItems === true ? fc.uniqueArray(item, { ...length, comparator: 'SameValue' }) : fc.array(item, length);
}

function texts(schema: Schema): Arbitrary<string> {
  const {
    pattern,
    format,
    minLength = 0,
    maxLength = TEXT_MAX,
  } = schema as { pattern?: string; format?: string; minLength?: number; maxLength?: number };
  if (format === 'uri') return fc.webUrl();
  if (pattern?.startsWith('^[')) return fc.stringMatching(new RegExp(pattern));
  const plain = fc.string({
    unit: 'grapheme',
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, TEXT_MAX)),
  });
  return pattern === undefined ? plain : plain.map((text) => `${text}x`.slice(-maxLength));
}

function numbers(schema: Schema, type: string): Arbitrary<number> {
  const {
    minimum = -1e6,
    maximum = 1e6,
    exclusiveMinimum,
    exclusiveMaximum,
  } = schema as Record<string, number | undefined>;
  if (type === 'integer')
    return fc.integer({ min: Math.ceil(exclusiveMinimum ?? minimum), max: Math.min(maximum, 2 ** 40) });
  return fc.double({
    min: exclusiveMinimum ?? minimum,
    max: exclusiveMaximum ?? maximum,
    minExcluded: exclusiveMinimum !== undefined,
    maxExcluded: exclusiveMaximum !== undefined,
    noNaN: true,
  });
}
