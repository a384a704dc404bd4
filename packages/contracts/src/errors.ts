/** Every error that leaves Crosscheck over HTTP has a code of this table, its HTTP status and its title. `/docs` lists them. */
export const ERRORS = {
  REQUEST_MALFORMED: { status: 400, title: 'This is not a request of HTTP' },
  REQUEST_TOO_SLOW: { status: 408, title: 'The request did not come in time' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  EXPECTATION_UNKNOWN: { status: 417, title: 'The header Expect asks for what is not understood' },
  BODY_INVALID: { status: 400, title: 'The body does not fit the schema' },
  BODY_TOO_DEEP: { status: 400, title: 'The body nests too deep' },
  BODY_NOT_JSON: { status: 400, title: 'The body is not JSON' },
  QUERY_INVALID: { status: 400, title: 'The path or query does not fit the schema' },
  KEY_MISSING: { status: 401, title: 'No API key was sent' },
  KEY_WRONG: { status: 401, title: 'The API key is not known, has expired or was revoked' },
  SCOPE_MISSING: { status: 403, title: 'The API key lacks a scope' },
  REQUEST_FORGED: { status: 403, title: 'A change was asked for with a session cookie, and not by our own page' },
  ROUTE_UNKNOWN: { status: 404, title: 'There is no such route' },
  SWEEP_UNKNOWN: { status: 404, title: 'There is no such sweep' },
  SWEEP_DELETED: { status: 410, title: 'The sweep was deleted' },
  TRIAL_UNKNOWN: { status: 404, title: 'There is no such trial' },
  DATASET_UNKNOWN: { status: 404, title: 'There is no such dataset' },
  LANE_UNKNOWN: { status: 404, title: 'There is no such lane' },
  TEAM_UNKNOWN: { status: 404, title: 'There is no such team' },
  API_KEY_UNKNOWN: { status: 404, title: 'There is no such API key' },
  PROVIDER_UNKNOWN: { status: 422, title: 'There is no such provider' },
  STUDY_MISSING: { status: 404, title: 'There is no such study' },
  PROVIDER_MISSING: { status: 404, title: 'There is no such provider' },
  MODEL_UNKNOWN: { status: 422, title: 'There is no such model' },
  METHOD_UNKNOWN: { status: 405, title: 'The route does not know this method' },
  STATE_CONFLICT: { status: 409, title: 'The sweep is in a state that does not allow this' },
  NAME_TAKEN: { status: 409, title: 'The name is taken' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used with another body' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  MEDIA_TYPE_UNKNOWN: { status: 415, title: 'The content type is not understood' },
  SWEEP_INVALID: { status: 422, title: 'The sweep cannot be planned' },
  SWEEP_EMPTY: { status: 422, title: 'The sweep plans no trial' },
  REQUEST_TOO_LARGE: { status: 422, title: 'A condition makes a request that is too large' },
  SWEEP_TOO_LARGE: { status: 422, title: 'The sweep plans too many trials' },
  STUDY_UNKNOWN: { status: 422, title: 'There is no such study' },
  PLACEHOLDER_MISSING: { status: 422, title: 'A condition does not place the prompt' },
  PLACEHOLDER_UNKNOWN: { status: 422, title: 'A condition uses a placeholder that a prompt does not fill' },
  ID_DUPLICATE: { status: 422, title: 'An id is used twice' },
  REFERENCE_UNKNOWN: { status: 422, title: 'Something is named that the sweep does not define' },
  SAMPLING_UNSUPPORTED: { status: 422, title: 'The model does not take this sampling' },
  PRICE_UNKNOWN: { status: 422, title: 'A budget cannot be kept because a price is unknown' },
  BUDGET_TOO_SMALL: { status: 422, title: 'The budget does not pay for one call' },
  DATASET_LINE_INVALID: { status: 422, title: 'A line of the dataset is not a prompt' },
  DATASET_EMPTY: { status: 422, title: 'The dataset has no prompt' },
  LABEL_INVALID: { status: 422, title: 'A label cannot be taken' },
  LABEL_CONFLICT: { status: 409, title: 'The labeller has said something else of this trial' },
  LABEL_UNKNOWN: { status: 404, title: 'There is no such label' },
  REVIEW_EMPTY: { status: 422, title: 'There is nothing to review' },
  REVIEW_ITEM_UNKNOWN: { status: 404, title: 'There is no such item of a review' },
  IMPORT_LINE_INVALID: { status: 422, title: 'A line of the import is not understood' },
  LIMIT_INVALID: { status: 422, title: 'A limit is out of range' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  QUOTA_EXCEEDED: { status: 403, title: "The team's quota does not allow this" },
  INTERNAL: { status: 500, title: 'Crosscheck made a mistake' },
  STORE_UNREACHABLE: { status: 503, title: 'Postgres does not answer' },
  QUEUE_UNREACHABLE: { status: 503, title: 'The queue does not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Where an error lies and what would do; each part is left out when it says nothing. */
export type ErrorHint = {
  field?: string;
  got?: unknown;
  expected?: string;
  line?: number;
  /** when to ask again, seconds; also sent as Retry-After */
  retryAfterS?: number;
};

/** An RFC 9457 problem document with our code and hints. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  field?: string;
  got?: unknown;
  expected?: string;
  line?: number;
  errors?: (ErrorHint & { detail: string })[];
  retryAfterS?: number;
};

/**
 * An error that is a caller's to mend. Thrown by whatever finds it; the api turns it into a problem document.
 * A failure of a model provider is not one of these: that is a typed result of the call.
 */
export class CrosscheckError extends Error {
  override readonly name = 'CrosscheckError';
  readonly code: ErrorCode;
  readonly hint: ErrorHint;

  constructor(code: ErrorCode, detail: string, hint: ErrorHint = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.hint = hint;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The problem document of an error; `type` is a stable URI reference into the reference page. */
export function toProblem(error: CrosscheckError): Problem {
  const { status, title } = ERRORS[error.code];
  return { type: `/docs/errors#${error.code}`, title, status, code: error.code, detail: error.message, ...error.hint };
}
