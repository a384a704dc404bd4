import { ERRORS, type Problem } from '@crosscheck/contracts';
import { Compile, type Validator } from 'typebox/compile';
import { type Operation, responseFor, type Schema } from './reference.ts';
import type { Answer } from './shoot.ts';

/** What is wrong with an answer, in words; empty when it is as the reference says. */
export type Judge = (method: string, answer: Answer) => string[];

const PROBLEM = 'application/problem+json';

/** Holds answers against what the reference says of the route: their status, their type, and every field of their body. */
export function makeJudge(operation: Operation): Judge {
  const checks = new Map<string, Validator>();

  function faultsOfBody(status: number, type: string, schema: Schema, body: Buffer): string[] {
    const key = `${status} ${type}`;
    const check = checks.get(key) ?? Compile(close(schema));
    checks.set(key, check);
    const isJson = type.endsWith('json') && type !== 'application/x-ndjson';
    const value: unknown = isJson ? parse(body) : body.toString();
    if (check.Check(value)) return [];
    return check
      .Errors(value)
      .slice(0, 4)
      .map(({ instancePath, message, params }) => `${status} ${instancePath} ${message} ${JSON.stringify(params)}`);
  }

  return (method, { status, headers, body }) => {
    const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
    const faults = headers['x-request-id'] === undefined ? ['no x-request-id'] : [];
    // Readiness answers 503 by design: what the reference names by its number is no refusal.
    const isNamed = operation.responses[String(status)] !== undefined;
    if (status >= 400 && !isNamed) faults.push(...faultsOfRefusal(method, { status, type, body, headers }));
    // Another method or an odd path may be another route, which is judged by itself.
    if (method !== operation.method || isElsewhere(body)) return faults;
    const described = responseFor(operation, status);
    if (!described) return [...faults, `status ${status} is not in the reference`];
    if (!described.content) return body.length === 0 ? faults : [...faults, `${status} has a body`];
    const content = described.content[type];
    if (!content)
      return [
        ...faults,
        `${status} comes as ${type}, and the reference says ${Object.keys(described.content).join(', ')}`,
      ];
    return [...faults, ...faultsOfBody(status, type, content.schema ?? {}, body)];
  };
}

/** What is refused before a route is found was sent to none. */
function isElsewhere(body: Buffer): boolean {
  const { code, detail } = (parse(body) ?? {}) as Partial<Problem>;
  return code === 'ROUTE_UNKNOWN' || detail === 'the path is not a URL path';
}

function faultsOfRefusal(method: string, { status, type, body, headers }: Answer & { type: string }): string[] {
  const faults: string[] = [];
  if (status >= 500) faults.push(`a ${status}`);
  if (status === 401 && headers['www-authenticate'] === undefined) faults.push('401 without www-authenticate');
  if (status === 405 && headers.allow === undefined) faults.push('405 without allow');
  if (status === 429 && headers['retry-after'] === undefined) faults.push('429 without retry-after');
  if (method === 'HEAD') return faults;
  if (type !== PROBLEM) return [...faults, `a ${status} of type "${type}"`];
  const { code, status: told, title } = parse(body) as Partial<Problem>;
  const known = code === undefined ? undefined : ERRORS[code];
  if (known === undefined) return [...faults, `a code that is not in the table: ${String(code)}`];
  if (known.status !== status || told !== status || known.title !== title)
    faults.push(`${code} with status ${status}, told as ${told}`);
  return faults;
}

/** An object that says which fields it has, has no others: else an answer could tell more than the reference says. */
function close(schema: Schema): Schema {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(close) as unknown as Schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, keyword === 'enum' ? value : close(value as Schema)]),
  );
  const isOpen = inner['properties'] !== undefined && inner['additionalProperties'] === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
