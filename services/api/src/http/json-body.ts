import { CrosscheckError } from '@crosscheck/contracts';
import type { FastifyInstance } from 'fastify';
import { isDeeper, JSON_DEPTH_MAX } from './json-depth.ts';
import { findUnstorable, UNSTORABLE } from './ndjson.ts';

/** Reads JSON bodies: a route that wants none takes an empty one, whatever its content type says. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isDeeper(body as string))
      return done(
        new CrosscheckError('BODY_TOO_DEEP', 'the body nests too deep', {
          expected: `at most ${JSON_DEPTH_MAX} levels`,
        }),
      );
    if (body !== '') return parse(request, body as string, done);
    if (!mustHaveBody(request.routeOptions.schema?.body)) return done(null, undefined);
    return done(new CrosscheckError('BODY_NOT_JSON', 'the body is empty: send a JSON document'));
  });
  app.addHook('preValidation', async ({ body }) => {
    const field = isPlain(body) ? findUnstorable(body, '') : null;
    if (field === null) return;
    throw new CrosscheckError('BODY_INVALID', `${field} ${UNSTORABLE}`, { field });
  });
}

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
