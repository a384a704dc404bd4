import { setTimeout as sleep } from 'node:timers/promises';
import { drawsOf } from '../behaviour/keyed-draws.ts';
import { timeOf, type Timing } from '../behaviour/latency.ts';
import { personaName } from '../behaviour/persona.ts';
import type { Reply } from '../behaviour/respond.ts';
import { isNeverDelivered, type FaultKind } from '../faults/fault.ts';
import { injectAfter } from '../faults/inject.ts';
import type { Scope } from '../limits/limiter.ts';
import type { SimulatedModel } from '../model-facts.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { eventsOf } from '../protocol/sse.ts';
import type { ApiVersion } from '../protocol/validate.ts';
import type { AttemptEntry } from '../state/attempt-log.ts';
import type { CacheUse } from '../state/prompt-cache.ts';
import type { Tenant } from '../state/tenant.ts';
import type { Usage } from '../state/usage.ts';
import type { Wire, WireBody } from '../wires/wire.ts';
import type { Exchange } from './exchange.ts';

export type LogEntry = Omit<AttemptEntry, 'seq'>;

/** One attempt whose request is valid and whose answer is decided, but not yet admitted, made or sent. */
export type Attempt = {
  exchange: Exchange;
  tenant: Tenant;
  wire: Wire;
  entry: LogEntry;
  version: ApiVersion;
  request: MessagesRequest;
  model: SimulatedModel;
  scope: Scope;
  bodyHash: string;
  reply: Reply;
  usage: Usage;
  cacheUse: CacheUse;
};

/** An empty row of the attempt log. */
export function newEntry(exchange: Exchange, atMs: number): LogEntry {
  const retries = exchange.headers['x-stainless-retry-count'];
  return {
    atMs,
    route: exchange.path,
    requestId: exchange.requestId,
    organization: null,
    model: null,
    cell: null,
    promptKey: null,
    sampleKey: null,
    attempt: 0,
    sdkRetryCount: typeof retries === 'string' ? Number(retries) : null,
    status: null,
    fault: null,
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    waitMs: 0,
    delivered: false,
  };
}

/** How much later the fault `slow` answers, when its rule does not say. */
const SLOW_MS = 5_000;

/**
 * Admits an attempt, waits as long as its answer takes, and sends it, whole or spoilt by a fault.
 * Resolves true when the client has the unbroken answer. @throws ApiError 429 when it is not admitted
 */
export async function runAttempt(
  attempt: Attempt,
  fault: FaultKind | null,
  { delayMs, now }: { delayMs: number | undefined; now: () => number },
): Promise<boolean> {
  const { exchange, tenant, entry, request, model, usage, cacheUse, reply } = attempt;
  const startMs = now();
  const leave = await admit(attempt);
  if (leave === null) return false;
  try {
    const timing = timingOf(attempt);
    tenant.cache.commit(cacheUse, now(), now() + timing.firstTokenMs);
    tenant.limiter.debitOutput(attempt.scope, usage.output, costOf(usage, model));
    Object.assign(entry, { status: 200, ...tokensOf(usage) });
    const lateMs = fault === 'slow' ? (delayMs ?? SLOW_MS) : 0;
    const waitMs = (request.stream === true ? timing.firstTokenMs : timing.totalMs) + lateMs;
    const stays = await waitUnlessGone(waitMs, exchange.signal);
    if (stays) await answer(attempt, fault, timing);
    const whole = stays && (await exchange.delivered) && (fault === null || !isNeverDelivered(fault));
    const delivery = { model: model.id, meaning: reply.meaning, stopReason: reply.stopReason, usage };
    if (whole) tenant.truth.delivered(delivery);
    else tenant.truth.lost(delivery);
    return whole;
  } finally {
    entry.waitMs = Math.round(now() - startMs);
    leave();
  }
}

/**
 * Takes the attempt's share of the limits, or a place in a server that has none. Cache reads do not count as input.
 * @returns what to call when the answer is over; null when the client left before its turn
 */
async function admit({
  tenant,
  wire,
  scope,
  bodyHash,
  request,
  usage,
  exchange,
}: Attempt): Promise<(() => void) | null> {
  if (!wire.hasLimits) return tenant.gate.enter(exchange.signal);
  const inputTokens = usage.input + usage.cacheWrite5m + usage.cacheWrite1h;
  tenant.limiter.admit({ scope, bodyHash, inputTokens, maxTokens: request.max_tokens });
  return () => {};
}

const tokensOf = (
  usage: Usage,
): Pick<LogEntry, 'inputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'outputTokens'> => ({
  inputTokens: totalInput(usage),
  cacheReadTokens: usage.cacheRead,
  cacheWriteTokens: usage.cacheWrite5m + usage.cacheWrite1h,
  outputTokens: usage.output,
});

const totalInput = (usage: Usage): number => usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;

/** Latency has the key (body, attempt): a retry takes another time and gives the same answer. */
function timingOf({ tenant, bodyHash, entry, model, usage, reply }: Attempt): Timing {
  return timeOf(tenant.latencyOf(model), drawsOf([tenant.config.seed, bodyHash, String(entry.attempt), 'latency']), {
    line: model.line,
    uncachedInput: totalInput(usage) - usage.cacheRead,
    outputTokens: usage.output,
    speedup: reply.speedup,
    timeScale: tenant.config.timeScale,
  });
}

/** USD by the model's price; only spend caps use it. */
function costOf(usage: Usage, { price }: SimulatedModel): number {
  if (price === null) return 0;
  const perMillion =
    usage.input * price.input +
    usage.output * price.output +
    usage.cacheWrite5m * price.cacheWrite5m +
    usage.cacheWrite1h * price.cacheWrite1h +
    usage.cacheRead * price.cacheRead;
  return perMillion / 1_000_000;
}

/** Resolves false at once when the client goes away. */
async function waitUnlessGone(waitMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (waitMs <= 0) return true;
  try {
    await sleep(waitMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

async function answer(attempt: Attempt, fault: FaultKind | null, timing: Timing): Promise<void> {
  const { exchange, wire, request, reply, model, cacheUse, version } = attempt;
  const name = fault === 'wrong-model' ? `${model.id}-other` : request.model;
  const body = wire.body(reply, { model: name, split: cacheUse.split, version });
  const headers = headersOf(attempt);
  if (request.stream === true && !breaksJson(fault)) return stream(attempt, { body, headers, fault, timing });
  const text = JSON.stringify(body);
  if (fault === null) return exchange.send(200, text, { ...headers, 'content-type': 'application/json' });
  return injectAfter(fault, { exchange, text, headers });
}

/** Faults that spoil a JSON body; a stream has its own. */
const breaksJson = (fault: FaultKind | null): boolean =>
  fault !== null && !['slow', 'wrong-model', 'sse-error', 'sse-truncate'].includes(fault);

function headersOf({ tenant, wire, scope, reply }: Attempt): Record<string, string> {
  const { meaning } = reply;
  return {
    'x-sim-persona': personaName(meaning.kind === 'trial' ? meaning.persona : meaning.judge),
    ...wire.rateHeaders(tenant.limiter.levels(scope)),
  };
}

type StreamInput = {
  body: WireBody;
  headers: Record<string, string>;
  fault: FaultKind | null;
  timing: Timing;
};

/** Sends the events of an answer: the first at the first token, the others spread over the rest of its time. */
async function stream({ exchange, reply }: Attempt, { body, headers, fault, timing }: StreamInput): Promise<void> {
  const events = eventsOf(body, reply, fault === 'sse-error' || fault === 'sse-truncate' ? fault : null);
  exchange.startStream({ ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const pauseMs = (timing.totalMs - timing.firstTokenMs) / Math.max(1, events.length);
  for (const event of events) {
    exchange.response.write(event);
    if (pauseMs >= 1 && !(await waitUnlessGone(pauseMs, exchange.signal))) return;
  }
  exchange.response.end();
}
