import type { Respond } from '../behaviour/respond.ts';
import type { SimulatedModel } from '../model-facts.ts';
import { ApiError, invalidRequest } from '../protocol/api-error.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { countInput } from '../protocol/tokens.ts';
import { readModelId, readVersion, validatePrompt } from '../protocol/validate.ts';
import type { Tenant } from '../state/tenant.ts';
import { DEFAULT_TENANT_ID, type Tenants } from '../state/tenants.ts';
import { readAccount, scopeOf } from './account.ts';
import type { Exchange } from './exchange.ts';
import { findModel, makeMessages } from './messages.ts';
import { metricsText } from './metrics.ts';
import { modelById, modelsPage } from './models-routes.ts';

export type PublicDeps = {
  tenants: Tenants;
  models: ReadonlyMap<string, SimulatedModel>;
  respond: Respond;
  now: () => number;
};

/** The tenant that a path names, and the path below it: `/t/<tenant>/v1/messages`, or any other prefix before `/v1/`. */
export function splitPath(path: string): { tenant: string; path: string } {
  const at = path.indexOf('/v1/');
  if (at <= 0) return { tenant: DEFAULT_TENANT_ID, path };
  const prefix = path.slice(1, at);
  return { tenant: prefix.startsWith('t/') ? prefix.slice(2) : prefix, path: path.slice(at) };
}

/** Makes the routes of the public port. */
export function makePublicRoutes(deps: PublicDeps): (exchange: Exchange) => Promise<void> {
  const messages = makeMessages(deps);
  const { tenants, models } = deps;

  return async (exchange) => {
    const { tenant: tenantId, path } = splitPath(exchange.path);
    if (path === '/healthz') return exchange.sendJson(200, { status: 'ok' });
    if (path === '/metrics') {
      return exchange.send(200, metricsText(tenants.all()), { 'content-type': 'text/plain; version=0.0.4' });
    }
    try {
      const tenant = tenants.of(tenantId);
      if (exchange.method === 'POST' && path === '/v1/messages') return await tracked(tenant, exchange, messages);
      if (exchange.method === 'POST' && path === '/v1/messages/count_tokens')
        return countTokens(exchange, tenant, models);
      if (exchange.method === 'GET' && path.startsWith('/v1/models')) return showModels(exchange, path, models);
      throw new ApiError(404, 'not_found_error', `There is no ${exchange.method} ${path}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      exchange.sendJson(error.status, error.body(exchange.requestId), error.headers);
    }
  };
}

async function tracked(
  tenant: Tenant,
  exchange: Exchange,
  handle: (exchange: Exchange, tenant: Tenant) => Promise<void>,
): Promise<void> {
  const { traffic } = tenant;
  traffic.arrivals += 1;
  traffic.inFlight += 1;
  traffic.inFlightMax = Math.max(traffic.inFlightMax, traffic.inFlight);
  try {
    await handle(exchange, tenant);
  } finally {
    traffic.inFlight -= 1;
  }
}

function countTokens(exchange: Exchange, tenant: Tenant, models: ReadonlyMap<string, SimulatedModel>): void {
  const account = readAccount(exchange.headers);
  const version = readVersion(exchange.headers['anthropic-version'] as string | undefined);
  const body = parse(exchange.body);
  const model = findModel(models, readModelId(body));
  validatePrompt(body, version);
  tenant.limiter.admitCountTokens(scopeOf(account, tenant, model));
  const inputTokens = countInput(body as unknown as MessagesRequest, model.tokenizer);
  exchange.sendJson(200, { input_tokens: inputTokens });
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Answered below: the client gets one message for all that is not an object.
  }
  throw invalidRequest('The request body is not a JSON object');
}

function showModels(exchange: Exchange, path: string, models: ReadonlyMap<string, SimulatedModel>): void {
  readAccount(exchange.headers);
  const id = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
  if (path === '/v1/models') return exchange.sendJson(200, modelsPage(models, exchange.query));
  if (id === undefined) throw new ApiError(404, 'not_found_error', `There is no ${path}`);
  return exchange.sendJson(200, modelById(models, decodeURIComponent(id)));
}
