/** An answer that is not a message: status, the error type of the API, and what the client may do about it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    type: string,
    message: string,
    more: { code?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.code = more.code;
    this.headers = more.headers ?? {};
  }

  /** The JSON body of the error. */
  body(requestId: string): object {
    const details = this.code === undefined ? {} : { details: { error_code: this.code } };
    return {
      type: 'error',
      error: { type: this.type, message: this.message, ...details },
      request_id: requestId,
    };
  }
}

/** A 400 of the validation. */
export const invalidRequest = (message: string): ApiError => new ApiError(400, 'invalid_request_error', message);
