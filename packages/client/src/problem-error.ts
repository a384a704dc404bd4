import type { ErrorCode, Problem } from '@crosscheck/contracts';

/** The server refused, and said why in a problem document. `code` is stable; `problem` holds field, got and expected where they help. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  /** how long the server asked to wait before a repetition, ms; null when it did not */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem, retryAfterMs: number | null = null) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** There was no answer at all: wrong address, server not started, network gone. `cause` is the error of fetch. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}: ${reasonOf(cause)}`, { cause });
    this.url = url;
  }
}

/** Something answered that does not speak our API, for example a proxy with an error page of its own. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  readonly url: string;
  readonly status: number;
  readonly retryAfterMs: number | null;

  constructor(url: string, status: number, what: string, retryAfterMs: number | null = null) {
    super(`${url} answered ${status} with ${what}: is this a Crosscheck server?`);
    this.url = url;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reads why a response is an error. It never throws: what cannot be read becomes an UnexpectedAnswerError. */
export async function toError(response: Response): Promise<ProblemError | UnexpectedAnswerError> {
  const type = response.headers.get('content-type') ?? 'no content type';
  const text = await response.text().catch(() => '');
  const body = type.includes('json') ? parseOrNull(text) : null;
  const waitMs = readRetryAfterMs(response);
  if (isProblem(body)) return new ProblemError(body, waitMs);
  return new UnexpectedAnswerError(response.url, response.status, text === '' ? 'an empty body' : type, waitMs);
}

/** Our server and the usual proxies send whole seconds; a date counts as nothing asked. */
function readRetryAfterMs(response: Response): number | null {
  const text = response.headers.get('retry-after');
  return text !== null && /^\d+$/.test(text) ? Number(text) * 1_000 : null;
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** fetch says only "fetch failed"; the reason lies in its cause, and for an address with several IPs one level deeper. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
