import type { Problem } from '@crosscheck/contracts';

/** What the api refused, as it said it; `problem` is null where something else answered, or nothing did. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, message: string, problem: Problem | null, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.problem = problem;
  }

  /** Nothing answered: the network or the api is away. */
  get isLost(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

export type Send = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** sent as JSON; a string is sent as it is, as NDJSON */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** The api takes a change that a session cookie stands for from its own page alone, and knows it by this header. */
const OWN_PAGE = { 'x-crosscheck-csrf': '1' };

/**
 * Asks the api and answers its JSON; null where the answer is empty.
 *
 * @throws ApiError with the problem document of a refusal, and with status 0 where nothing answered
 */
export async function call<Answer>(
  path: string,
  { method = 'GET', body, headers = {}, signal }: Send = {},
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...OWN_PAGE, ...typeOf(body), ...headers },
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'Crosscheck does not answer', null, { cause: error });
  });
  if (response.ok) return (response.status === 204 ? null : await response.json()) as Answer;
  throw await toError(response);
}

function typeOf(body: unknown): Record<string, string> {
  if (body === undefined) return {};
  return {
    'content-type': typeof body === 'string' || body instanceof Blob ? 'application/x-ndjson' : 'application/json',
  };
}

async function toError(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('content-type')?.includes('problem+json');
  if (!isProblem) return new ApiError(response.status, `the server answered ${response.status}`, null);
  const problem = (await response.json()) as Problem;
  return new ApiError(response.status, problem.detail, problem);
}

/** A path with its query; what is undefined or empty is left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return pairs.length === 0
    ? path
    : `${path}?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`;
}
