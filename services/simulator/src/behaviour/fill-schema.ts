import type { Draws } from './keyed-draws.ts';
import type { JudgingRules } from './judging-rules.ts';

type Schema = Record<string, unknown>;
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

type FillContext = {
  rules: JudgingRules;
  task: string;
  label: string;
  /** Whether the label is the task's positive one; what a property without a rule expresses. */
  positive: boolean;
  /** A real substring of the judged text. */
  quote: string;
  /** The content of strings that are not quotes. */
  prose: string;
  draws: Draws;
};

const DEPTH_MAX = 12;
const PLAIN_NUMBERS = { low: 1, high: 5 };

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Makes a JSON value that fits a JSON schema and expresses a label. Properties are chosen by the rules of their path;
 * without a rule a boolean is the label's sign, a number the end of its range, an enumeration the word for the label.
 */
export function fillSchema(schema: unknown, context: FillContext): Json {
  const root = isSchema(schema) ? schema : {};
  const rules = compileRules(context.rules);
  return fill({ schema: root, root, path: '', met: context.positive, depth: 0, context, rules });
}

type CompiledRules = { properties: { task?: string; path: RegExp; values: Record<string, Json> }[]; quote: RegExp };

/** Patterns are compiled once per configuration object, which lives as long as the simulator. */
const compiled = new WeakMap<JudgingRules, CompiledRules>();

function compileRules(rules: JudgingRules): CompiledRules {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const made = {
    properties: rules.properties.map((rule) => ({ ...rule, path: new RegExp(rule.path, 'i') })),
    quote: new RegExp(rules.quote, 'i'),
  };
  compiled.set(rules, made);
  return made;
}

type Node = {
  schema: Schema;
  root: Schema;
  path: string;
  /** The sign that booleans here inherit: of the criterion above them, else of the label. */
  met: boolean;
  depth: number;
  context: FillContext;
  rules: CompiledRules;
};

function fill(node: Node): Json {
  const schema = resolve(node.schema, node.root, node.context.positive);
  if (node.depth > DEPTH_MAX) return null;
  if ('const' in schema) return schema['const'] as Json;
  const ruled = ruledValue(node);
  const met = typeof ruled === 'boolean' ? ruled : node.met;
  const here = { ...node, schema, met };
  if (Array.isArray(schema['enum'])) return fillEnum(schema['enum'] as Json[], here, ruled);
  switch (typeOf(schema)) {
    case 'object':
      return fillObject(here);
    case 'array':
      return fillArray(here);
    case 'boolean':
      return met;
    case 'integer':
    case 'number':
      return fillNumber(here, ruled);
    case 'null':
      return null;
    default:
      return fillString(here, ruled);
  }
}

/** Follows a reference and picks one branch of a union: null for a negative label where null is allowed. */
function resolve(schema: Schema, root: Schema, positive: boolean): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((at, name) => (isSchema(at) ? at[name] : undefined), root);
    return isSchema(target) ? resolve(target, root, positive) : {};
  }
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) {
    const options = branches.filter(isSchema);
    const value = options.find((option) => option['type'] !== 'null');
    const nothing = options.find((option) => option['type'] === 'null');
    return resolve((positive ? value : (nothing ?? value)) ?? {}, root, positive);
  }
  if (Array.isArray(schema['allOf'])) return Object.assign({}, schema, ...schema['allOf'].filter(isSchema)) as Schema;
  return schema;
}

function typeOf(schema: Schema): string {
  const type = schema['type'];
  if (Array.isArray(type)) return String(type.find((one) => one !== 'null') ?? 'null');
  if (typeof type === 'string') return type;
  return isSchema(schema['properties']) ? 'object' : 'string';
}

/** The value that the first fitting rule gives to this path, drawn where the rule is a range or a chance. */
function ruledValue({ path, context, rules }: Node): Json | undefined {
  const rule = rules.properties.find(
    (one) => (one.task ?? context.task) === context.task && one.path.test(lastName(path)),
  );
  const value = rule?.values[context.label];
  if (typeof value !== 'string') return value;
  const chance = /^p=([\d.]+)$/.exec(value)?.[1];
  if (chance !== undefined) return context.draws.uniform(`property/${lastName(path)}`) < Number(chance);
  const range = /^(-?\d+)\.\.(-?\d+)$/.exec(value);
  if (range === null) return value;
  const [low, high] = [Number(range[1]), Number(range[2])];
  return low + Math.floor(context.draws.uniform(`property/${lastName(path)}`) * (high - low + 1));
}

/** Rules look at the property itself; what lies below a criterion inherits its sign. */
const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

function fillObject(node: Node): Json {
  const properties = isSchema(node.schema['properties']) ? node.schema['properties'] : {};
  const entries = Object.entries(properties).map(([name, schema]): [string, Json] => [
    name,
    fill({
      ...node,
      schema: isSchema(schema) ? schema : {},
      path: node.path === '' ? name : `${node.path}.${name}`,
      depth: node.depth + 1,
    }),
  ]);
  return Object.fromEntries(entries);
}

function fillArray(node: Node): Json {
  const least = typeof node.schema['minItems'] === 'number' ? node.schema['minItems'] : 0;
  const items = isSchema(node.schema['items']) ? node.schema['items'] : {};
  return Array.from({ length: least }, () => fill({ ...node, schema: items, depth: node.depth + 1 }));
}

function fillNumber({ schema, met }: Node, ruled: Json | undefined): Json {
  const low = typeof schema['minimum'] === 'number' ? schema['minimum'] : PLAIN_NUMBERS.low;
  const high = typeof schema['maximum'] === 'number' ? schema['maximum'] : Math.max(low, PLAIN_NUMBERS.high);
  if (typeof ruled === 'number') return Math.min(high, Math.max(low, ruled));
  if (typeof ruled === 'boolean') return ruled ? high : low;
  return met ? high : low;
}

function fillEnum(values: readonly Json[], { context, met }: Node, ruled: Json | undefined): Json {
  if (ruled !== undefined && values.includes(ruled)) return ruled;
  const label = typeof ruled === 'boolean' ? (ruled ? 'yes' : 'no') : context.label;
  const words = [label, ...(context.rules.words[label] ?? [])];
  const normal = (value: Json): string =>
    (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase().replaceAll(/[\s-]+/g, '_');
  for (const word of words) {
    const exact = values.find((value) => normal(value) === word);
    if (exact !== undefined) return exact;
  }
  return (met ? values[0] : values.at(-1)) ?? null;
}

function fillString(node: Node, ruled: Json | undefined): Json {
  const { schema, path, context, rules, met } = node;
  const longest = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : 4_096;
  const shortest = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  if (rules.quote.test(lastName(path))) return met || shortest > 0 ? context.quote.slice(0, longest) : '';
  const words = /label|verdict|decision|outcome|answer|result/i.test(lastName(path)) ? context.label : context.prose;
  return (typeof ruled === 'string' ? ruled : words).slice(0, longest).padEnd(shortest, '.');
}
