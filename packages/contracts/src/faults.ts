import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { counted } from './counted.ts';
import type { ErrorHint } from './errors.ts';

/** One way in which a value misses its schema. */
export type Fault = ErrorHint & { detail: string };

type Schema = TSchema & {
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  type?: string;
  const?: string | number | boolean;
  enum?: string[];
};
type SchemaError = ReturnType<typeof Value.Errors>[number];

const FAULTS_MAX = 8;
const TEXT_MAX = 120;

/** Whether a value fits a schema. Needs no compilation, so it also works where a page may not make code of text. */
export function fitsSchema(schema: TSchema, value: unknown): boolean {
  return Value.Check(schema, value);
}

/**
 * Where and how a value misses its schema, in the words of the one who sent it. Of a union only the branch is told that the value
 * means: the one whose constants it has, else the one with which it shares most fields.
 *
 * @returns at least one fault, each with the JSON path of its field
 */
export function findFaults(schema: TSchema, value: unknown): Fault[] {
  const faults = collect(schema as Schema, value, '');
  return faults.length > 0 ? faults.slice(0, FAULTS_MAX) : [{ detail: 'does not fit the schema' }];
}

function collect(schema: Schema, value: unknown, path: string): Fault[] {
  const errors = Value.Errors(schema, value);
  const seen = new Set<string>();
  return errors.toSorted(constantsFirst).flatMap((error) => {
    const union = splitAtUnion(error);
    if (union === null) return toFaults(error, { schema, value, path });
    if (seen.has(union.instancePath)) return [];
    seen.add(union.instancePath);
    const inner = Value.Pointer.Get(value, union.instancePath);
    const branches = (Value.Pointer.Get(schema, union.schemaPath) as Schema | undefined)?.anyOf ?? [];
    return collectUnion(branches, inner, path + toPath(union.instancePath));
  });
}

/** A constant says which kind of thing was meant: that it is another one explains all that is missing or unknown. */
function constantsFirst(a: SchemaError, b: SchemaError): number {
  return Number(b.keyword === 'const') - Number(a.keyword === 'const');
}

/** An error inside a union is not told as it stands: which branch was meant is not known to it. */
function splitAtUnion({
  keyword,
  schemaPath,
  instancePath,
}: SchemaError): { schemaPath: string; instancePath: string } | null {
  const at = schemaPath.indexOf('/anyOf/');
  if (at < 0) return keyword === 'anyOf' ? { schemaPath: schemaPath.slice(1), instancePath } : null;
  const outer = schemaPath.slice(1, at);
  const steps = outer.split('/').slice(1);
  let depth = 0;
  for (let index = 0; index < steps.length; index += 1) {
    if (steps[index] === 'properties' || steps[index] === 'patternProperties') index += 1;
    depth += 1;
  }
  return {
    schemaPath: outer,
    instancePath: instancePath
      .split('/')
      .slice(0, depth + 1)
      .join('/'),
  };
}

function collectUnion(branches: Schema[], value: unknown, path: string): Fault[] {
  const possible = branches.filter((branch) => branch.type !== 'null');
  const lists = Array.isArray(value) ? possible.filter(({ type }) => type === 'array') : [];
  const meant = lists.length > 0 ? lists : possible;
  const [only] = meant;
  if (only && meant.length === 1) return collect(only, value, path);
  const tag = meant.every((branch) => branch.properties?.['kind']?.const !== undefined) ? 'kind' : null;
  if (tag !== null && isRecord(value)) return collectTagged(meant, value, path);
  const nearest = isRecord(value) ? findNearest(meant, value) : undefined;
  if (nearest) return collect(nearest, value, path);
  return [toFault(path, 'is none of the forms that are understood', value, meant.map(describe).join(' or '))];
}

function collectTagged(branches: Schema[], value: Record<string, unknown>, path: string): Fault[] {
  const kinds = branches.map((branch) => branch.properties?.['kind']?.const);
  const chosen = branches.find((_, index) => kinds[index] === value['kind']);
  if (chosen) return collect(chosen, value, path);
  return [toFault(join(path, 'kind'), 'is not known', value['kind'], kinds.join(', '))];
}

function findNearest(branches: Schema[], value: Record<string, unknown>): Schema | undefined {
  const shared = (branch: Schema) => Object.keys(value).filter((key) => branch.properties?.[key] !== undefined).length;
  const best = branches.toSorted((a, b) => shared(b) - shared(a))[0];
  return best && shared(best) > 0 ? best : undefined;
}

function toFaults(
  error: SchemaError,
  { schema, value, path }: { schema: Schema; value: unknown; path: string },
): Fault[] {
  const at = path + toPath(error.instancePath);
  const got = Value.Pointer.Get(value, error.instancePath);
  const inner = error.schemaPath === '#' ? schema : Value.Pointer.Get(schema, error.schemaPath.slice(1));
  const { properties = {} } = (inner ?? {}) as Schema;
  // The same is said again, with all names, by `additionalProperties`.
  if (error.keyword === 'boolean') return [];
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys(properties).join(', ') || undefined;
    return error.params.additionalProperties.map((name) =>
      toFault(join(at, name), 'is not a known field', undefined, known),
    );
  }
  if (error.keyword === 'required') {
    const wanted = (name: string) => (properties[name] ? describe(properties[name]) : undefined);
    return error.params.requiredProperties.map((name) =>
      toFault(join(at, name), 'is missing', undefined, wanted(name)),
    );
  }
  if (error.keyword === 'enum')
    return [toFault(at, 'is not one of the words that are known', got, error.params.allowedValues.join(', '))];
  if (error.keyword === 'const')
    return [toFault(at, 'is not what is expected here', got, String(error.params.allowedValue))];
  if (error.keyword === 'type')
    return [toFault(at, 'has the wrong type', got, [error.params.type].flat().join(' or '))];
  return [toSizeFault(error, at, got) ?? toFault(at, error.message, got, error.message.replace(/^must (be )?/, ''))];
}

/** Too long, too short, too many, too few; null of any other error. */
function toSizeFault(error: SchemaError, at: string, got: unknown): Fault | null {
  if (error.keyword === 'minLength')
    return toFault(at, 'is too short', got, `at least ${counted(Number(error.params.limit), 'character')}`);
  if (error.keyword === 'maxLength')
    return toFault(at, 'is too long', got, `at most ${counted(Number(error.params.limit), 'character')}`);
  if (error.keyword === 'minItems')
    return toFault(at, 'has too few items', got, `at least ${counted(Number(error.params.limit), 'item')}`);
  if (error.keyword === 'maxItems')
    return toFault(at, 'has too many items', got, `at most ${counted(Number(error.params.limit), 'item')}`);
  return null;
}

function toFault(field: string, what: string, got?: unknown, expected?: string): Fault {
  const place = field.replace(/^\./, '');
  return {
    detail: `${place || 'the body'} ${what}`,
    ...(place ? { field: place } : {}),
    ...(got === undefined ? {} : { got: clip(got) }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** What was sent comes back short: an answer of a megabyte helps nobody, and a whole object says less than its path. */
function clip(got: unknown): unknown {
  if (typeof got === 'string') return got.length > TEXT_MAX ? `${got.slice(0, TEXT_MAX)}…` : got;
  if (Array.isArray(got)) return `an array of ${got.length}`;
  return isRecord(got) ? `an object with ${Object.keys(got).slice(0, 10).join(', ') || 'no field'}` : got;
}

/** `/conditions/1/user` as `.conditions[1].user`. */
function toPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('');
}

const join = (path: string, name: string) => `${path}.${name}`;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describe({ properties, type, anyOf, enum: words, const: word }: Schema): string {
  if (word !== undefined) return String(word);
  if (words) return words.join(', ');
  if (anyOf) return [...new Set(anyOf.map(describe))].join(' or ');
  return properties ? `{ ${Object.keys(properties).join(', ')} }` : (type ?? 'a value');
}
