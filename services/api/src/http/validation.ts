import { type Fault, findFaults } from '@crosscheck/contracts';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { UNSTORABLE } from './ndjson.ts';

/** A body or query that does not fit its schema; the error handler turns it into a problem document. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError';
  readonly part: string;
  readonly faults: Fault[];

  constructor(part: string, faults: Fault[]) {
    super(faults.map(({ detail }) => detail).join('; '));
    this.part = part;
    this.faults = faults;
  }
}

/** Checks a request against its schema. Only what stands in a URL is text and is converted; a body says what it means. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const check = Compile(schema);
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : readTexts(schema, value);
    const nul = httpPart === 'body' ? null : findNul(converted);
    if (nul !== null) return { error: new ValidationError(httpPart, [{ field: nul, detail: `${nul} ${UNSTORABLE}` }]) };
    if (check.Check(converted)) return { value: converted };
    return { error: new ValidationError(httpPart, findFaults(schema, converted)) };
  };
};

/** Postgres takes no text with a NUL in it, not even to look for one. */
function findNul(values: unknown): string | null {
  const found = Object.entries((values ?? {}) as object).find(([, text]) => String(text).includes('\0'));
  return found?.[0] ?? null;
}

/** A path and a query hold texts only: where the schema wants a number and the text is one, it becomes one. */
function readTexts(schema: TSchema, value: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, { type?: unknown }> };
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, text]) => [name, readText(properties[name]?.type, text)]));
}

function readText(type: unknown, text: unknown): unknown {
  if (typeof text !== 'string' || (type !== 'integer' && type !== 'number')) return text;
  return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : text;
}
