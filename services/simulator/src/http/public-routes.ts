import type { Respond } from '../behaviour/respond.ts';
import type { SimulatedModel } from '../model-facts.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { countInput } from '../protocol/tokens.ts';
import { readModelId, readVersion, validatePrompt } from '../protocol/validate.ts';
import type { Tenant } from '../state/tenant.ts';
import { DEFAULT_TENANT_ID, type Tenants } from '../state/tenants.ts';
import { anthropicWire } from '../wires/anthropic.ts';
import { openAiWire } from '../wires/openai.ts';
import { vllmWire } from '../wires/vllm.ts';
import { parseJson, type Wire } from '../wires/wire.ts';
import { readAccount, scopeOf } from './account.ts';
import type { Exchange } from './exchange.ts';
import { makeMessages } from './messages.ts';
import { metricsText } from './metrics.ts';
import { modelById, modelsPage } from './models-routes.ts';

type PublicDeps = {
  tenants: Tenants;
  models: ReadonlyMap<string, SimulatedModel>;
  respond: Respond;
  now: () => number;
};

/** The tenant that a path names, and the path below it: `/t/<tenant>/v1/messages`, or any other prefix before `/v1/`. */
function splitPath(path: string): { tenant: string; path: string } {
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
      const wire = exchange.method === 'POST' ? wireOf(path, tenant) : null;
      if (wire !== null) return await tracked(tenant, () => messages(exchange, tenant, wire));
      exchange.carry({ 'request-id': exchange.requestId });
      if (exchange.method === 'POST' && path === '/v1/messages/count_tokens') return countTokens(exchange, tenant);
      if (exchange.method === 'GET' && path.startsWith('/v1/models')) return showModels(exchange, path, models);
      throw new ApiError(404, 'not_found_error', `There is no ${exchange.method} ${path}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      exchange.sendJson(error.status, error.body(exchange.requestId), error.headers);
    }
  };
}

/** How the server of this path speaks; null for a path that is not an inference route. */
function wireOf(path: string, tenant: Tenant): Wire | null {
  if (path === '/v1/chat/completions') return openAiWire;
  if (path !== '/v1/messages') return null;
  return tenant.config.dialect === 'vllm' ? vllmWire : anthropicWire;
}

async function tracked({ traffic }: Tenant, handle: () => Promise<void>): Promise<void> {
  traffic.arrivals += 1;
  traffic.inFlight += 1;
  traffic.inFlightMax = Math.max(traffic.inFlightMax, traffic.inFlight);
  try {
    await handle();
  } finally {
    traffic.inFlight -= 1;
  }
}

function countTokens(exchange: Exchange, tenant: Tenant): void {
  const account = readAccount(exchange.headers);
  const version = readVersion(exchange.headers['anthropic-version'] as string | undefined);
  const body = parseJson(exchange.body);
  const model = tenant.findModel(readModelId(body));
  validatePrompt(body as Record<string, unknown>, version);
  tenant.limiter.admitCountTokens(scopeOf(account, tenant, model));
  const inputTokens = countInput(body as unknown as MessagesRequest, model.tokenizer);
  exchange.sendJson(200, { input_tokens: inputTokens });
}

function showModels(exchange: Exchange, path: string, models: ReadonlyMap<string, SimulatedModel>): void {
  readAccount(exchange.headers);
  const id = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
  if (path === '/v1/models') return exchange.sendJson(200, modelsPage(models, exchange.query));
  if (id === undefined) throw new ApiError(404, 'not_found_error', `There is no ${path}`);
  return exchange.sendJson(200, modelById(models, decodeURIComponent(id)));
}
