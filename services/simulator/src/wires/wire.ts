import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from '../behaviour/respond.ts';
import type { Account } from '../http/account.ts';
import type { RateLevels } from '../limits/headers.ts';
import type { SimulatedModel } from '../model-facts.ts';
import { invalidRequest, type ApiError } from '../protocol/api-error.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import type { ApiVersion } from '../protocol/validate.ts';
import type { InputSplit } from '../state/prompt-cache.ts';

/** Finds a model that can be called. @throws ApiError 404 when it is unknown or retired */
export type FindModel = (id: string) => SimulatedModel;

type WireRequest = { request: MessagesRequest; model: SimulatedModel; version: ApiVersion };
export type WireBody = Record<string, unknown> & { usage: Record<string, unknown> };
export type BodyInput = { model: string; split: InputSplit; version: ApiVersion };

/** How one kind of server speaks: what it reads, what it answers, and what it says about itself in headers. */
export type Wire = {
  /** @throws ApiError 401 */
  account(headers: IncomingHttpHeaders): Account;
  /** Reads and checks a request. @throws ApiError 400, 404 */
  read(input: { headers: IncomingHttpHeaders; body: Buffer }, findModel: FindModel): WireRequest;
  body(reply: Reply, input: BodyInput): WireBody;
  errorBody(error: ApiError, requestId: string): object;
  idHeaders(requestId: string): Record<string, string>;
  accountHeaders(account: Account): Record<string, string>;
  rateHeaders(levels: RateLevels): Record<string, string>;
  /** False: no buckets and no 429, but a number of requests at once and a queue before them. */
  hasLimits: boolean;
};

/** @throws ApiError 400 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw invalidRequest('The request body is not valid JSON');
  }
}

/** The value of a header that is sent once. */
export const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};
