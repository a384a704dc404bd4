import { CrosscheckError, type ErrorCode, ERRORS, type Fault, type Problem, toProblem } from '@crosscheck/contracts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hideKeys } from './hide-keys.ts';
import { ValidationError } from './validation.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** What Fastify itself refuses, by its code, in our words. */
const FASTIFY_CODES: Record<string, { code: ErrorCode; detail: string; expected?: string }> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'BODY_NOT_JSON', detail: 'the body is not JSON' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'BODY_NOT_JSON', detail: 'the body is empty: send a JSON document' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'BODY_INVALID',
    detail: 'the body is not as long as Content-Length says',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'MEDIA_TYPE_UNKNOWN', detail: 'the content type is not understood here' },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'BODY_TOO_LARGE',
    detail: 'the body is too large: upload prompts with POST /v1/datasets and name the dataset in the sweep',
  },
  FST_ERR_MAX_LIMIT: { code: 'BODY_TOO_LARGE', detail: 'the request is too large' },
  FST_ERR_BAD_URL: { code: 'QUERY_INVALID', detail: 'the path is not a URL path' },
};

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const POSTGRES_AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01',
  '57P03',
  '53300',
  '08006',
  '08001',
]);

/** Answers every error as a problem document. What is ours to mend says no more than the request's id. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // Of a method that no route has, Fastify wants to know the content type before it looks for a route.
    const isUnknownMethod = error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE';
    const problem = isUnknownMethod ? toProblem(refuseRoute(app, request, reply)) : toProblemOf(error, request);
    if (problem.status >= 500) request.log.error({ err: error }, 'a request failed');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, toProblem(refuseRoute(app, request, reply))));
}

/** What helmet adds everywhere else: a path that cannot be read is refused before any hook runs. */
export const BARE_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

/** For Fastify's `frameworkErrors`: what is wrong before a route is found. */
export function refuseEarly(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void sendProblem(reply.headers({ ...BARE_HEADERS, 'x-request-id': request.id }), toProblemOf(error, request));
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="crosscheck"');
  const retryAfterS = problem.retryAfterS ?? (problem.status === 503 ? 2 : undefined);
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(hideKeys(JSON.stringify(problem)));
}

function toProblemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof CrosscheckError) return toProblem(error);
  const validation = findValidation(error);
  if (validation) return toValidationProblem(validation);
  const { code = '', statusCode = 500, message = '' } = error as Partial<FastifyError>;
  const known = FASTIFY_CODES[code];
  if (known) return toProblem(new CrosscheckError(known.code, known.detail, hintOf(known, request)));
  if (error instanceof SyntaxError && statusCode === 400) {
    return toProblem(new CrosscheckError('BODY_NOT_JSON', `the body is not JSON: ${message}`));
  }
  if (isPostgresAway(error)) {
    return toProblem(new CrosscheckError('STORE_UNREACHABLE', 'Postgres does not answer: try again in a moment'));
  }
  if (statusCode >= 400 && statusCode < 500) return toProblem(new CrosscheckError('BODY_INVALID', message));
  return toProblem(
    new CrosscheckError('INTERNAL', `something went wrong here: its trace is in the log under request ${request.id}`),
  );
}

function hintOf({ code }: { code: ErrorCode }, request: FastifyRequest): { got?: unknown; expected?: string } {
  if (code === 'MEDIA_TYPE_UNKNOWN') {
    const isStream = /^\/v1\/(datasets|imports)\b/.test(request.url);
    return {
      got: request.headers['content-type'] ?? null,
      expected: isStream ? 'application/x-ndjson' : 'application/json',
    };
  }
  return code === 'BODY_TOO_LARGE' ? { expected: `at most ${request.routeOptions.bodyLimit ?? 0} bytes` } : {};
}

/** Fastify wraps what a validator returned. */
function findValidation(error: unknown): ValidationError | null {
  if (error instanceof ValidationError) return error;
  const { cause } = error as { cause?: unknown };
  return cause instanceof ValidationError ? cause : null;
}

function toValidationProblem({ part, faults }: ValidationError): Problem {
  const code = part === 'body' ? 'BODY_INVALID' : 'QUERY_INVALID';
  const [first, ...rest] = faults as [Fault, ...Fault[]];
  const { detail, ...hint } = first;
  const isSaid = hint.expected === undefined || detail.endsWith(hint.expected);
  const expected = isSaid ? '' : `, expected ${hint.expected}`;
  const problem = toProblem(new CrosscheckError(code, `${detail}${expected}`, hint));
  return rest.length === 0 ? problem : { ...problem, errors: faults };
}

/** A path that exists for another method is told apart from one that does not exist. */
function refuseRoute(app: FastifyInstance, { method, url }: FastifyRequest, reply: FastifyReply): CrosscheckError {
  const path = url.split('?')[0] ?? '/';
  const allowed = METHODS.filter((one) => one !== method && app.findRoute({ url: path, method: one }) !== null);
  if (allowed.length === 0) {
    return new CrosscheckError('ROUTE_UNKNOWN', `there is no route ${method} ${path}: /docs lists them`, { got: path });
  }
  reply.header('allow', allowed.join(', '));
  return new CrosscheckError('METHOD_UNKNOWN', `${path} does not know ${method}`, {
    got: method,
    expected: allowed.join(', '),
  });
}

function isPostgresAway(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return POSTGRES_AWAY.has(code ?? '') || /Connection terminated|timeout exceeded when trying to connect/.test(message);
}

/** Every code with its status, for the reference page. */
export const ERROR_LIST = Object.entries(ERRORS).map(([code, { status, title }]) => ({ code, status, title }));
