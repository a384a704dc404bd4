import type { Readable } from 'node:stream';
import { CrosscheckError, type ErrorCode } from '@crosscheck/contracts';
import { isId } from '@crosscheck/store';
import { type TUnsafe, Type } from 'typebox';
import { PROBLEM_TYPE } from './problems.ts';

const closed = { additionalProperties: false };

export const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, closed);

/** The query of a list. `after` is `next` of the page before. */
export const pageQuery = {
  after: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
};
export const PageQuery = Type.Object(pageQuery, closed);
export const LIMIT_DEFAULT = 50;

/** A text that cannot be an id names nothing: Postgres would answer it with an error. */
export function requireId(id: string, code: ErrorCode, what: string): string {
  if (isId(id)) return id;
  throw new CrosscheckError(code, `there is no ${what} ${id}`, { got: id });
}

export const optionalId = (id: string | undefined, code: ErrorCode, what: string): string | undefined =>
  id === undefined ? undefined : requireId(id, code, what);

/** What a route answers when it refuses; every code is told on /docs/errors. */
const ProblemDocument = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    field: Type.Optional(Type.String()),
    got: Type.Optional(Type.Unknown()),
    expected: Type.Optional(Type.String()),
    line: Type.Optional(Type.Integer()),
    retryAfterS: Type.Optional(Type.Integer()),
    errors: Type.Optional(Type.Array(Type.Unknown())),
  },
  { description: 'An RFC 9457 problem document' },
);
const refusal = {
  description: 'Why it is refused: an RFC 9457 problem document with one of the codes of /docs/errors',
  content: { [PROBLEM_TYPE]: { schema: ProblemDocument } },
};
export const refusals = { '4xx': refusal, '5xx': refusal };

/** An answer that is no JSON, whole or streamed, and the types that it may have. */
export const textOf = (description: string, ...types: string[]): TextAnswer => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: Type.Unsafe<string | Readable>(Type.String()) }])),
});
type TextAnswer = { description: string; content: Record<string, { schema: TUnsafe<string | Readable> }> };
