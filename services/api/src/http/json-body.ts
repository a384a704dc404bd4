import { CrosscheckError, type ErrorCode } from '@crosscheck/contracts';
import type { FastifyInstance } from 'fastify';
import { isDeeper, JSON_DEPTH_MAX } from './json-depth.ts';
import { findUnstorable, UNSTORABLE } from './ndjson.ts';
import { readUtf8 } from './utf8.ts';

/** Reads JSON bodies: a route that wants none takes an empty one, whatever its content type says. No body of any kind may be compressed. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const body = readUtf8(bytes as Buffer);
    if (body === null)
      return done(new CrosscheckError('BODY_NOT_JSON', 'the body is not UTF-8', { expected: 'JSON in UTF-8' }));
    if (isDeeper(body))
      return done(
        new CrosscheckError('BODY_TOO_DEEP', 'the body nests too deep', {
          expected: `at most ${JSON_DEPTH_MAX} levels`,
        }),
      );
    if (body !== '') return parse(request, body, (error, value) => done(error && reasonOf(error, body), value));
    if (!mustHaveBody(request.routeOptions.schema?.body)) return done(null, undefined);
    return done(new CrosscheckError('BODY_NOT_JSON', 'the body is empty: send a JSON document'));
  });
  app.addHook('onRequest', async ({ headers }) => {
    const { 'content-encoding': encoding = 'identity' } = headers;
    if (encoding === 'identity') return;
    const expected = 'no content-encoding: the body as it is';
    throw new CrosscheckError('MEDIA_TYPE_UNKNOWN', 'compressed bodies are not taken', { got: encoding, expected });
  });
  app.addHook('preValidation', async ({ body, params, query, routeOptions, is404 }) => {
    if (is404) return;
    refuseUnstorable('QUERY_INVALID', params);
    refuseUnstorable('QUERY_INVALID', query);
    if (isPlain(body)) refuseUnstorable('BODY_INVALID', body);
    // Fastify checks no body that has no content type, where each type has a schema of its own.
    if (body === undefined && routeOptions.schema?.body !== undefined && hasTypes(routeOptions.schema.body))
      throw new CrosscheckError('BODY_INVALID', 'the body is missing');
  });
}

/** Fastify says that a body is not JSON, and keeps to itself where. */
function reasonOf(error: Error, body: string): Error {
  try {
    JSON.parse(body);
    return error;
  } catch (fault) {
    return new CrosscheckError('BODY_NOT_JSON', `the body is not JSON: ${(fault as Error).message}`);
  }
}

/** @throws CrosscheckError for a text that Postgres would answer with an error */
function refuseUnstorable(code: ErrorCode, part: unknown): void {
  const field = findUnstorable(part, '');
  if (field !== null) throw new CrosscheckError(code, `${field} ${UNSTORABLE}`, { field });
}

const hasTypes = (schema: unknown): boolean => (schema as { content?: unknown }).content !== undefined;

function mustHaveBody(schema: unknown): boolean {
  if (schema === undefined) return false;
  const branches = (schema as { anyOf?: { type?: unknown }[] }).anyOf;
  return branches?.some(({ type }) => type === 'null') !== true;
}

/** A stream of lines is checked line by line. */
const isPlain = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype);
