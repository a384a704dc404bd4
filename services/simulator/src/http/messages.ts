import { hash } from 'node:crypto';
import { shortHash } from '../behaviour/keyed-draws.ts';
import type { Respond } from '../behaviour/respond.ts';
import { decideFault, FAULT_KINDS, isNeverDelivered, type FaultRule } from '../faults/fault.ts';
import { injectBefore, isBefore } from '../faults/inject.ts';
import { ApiError, invalidRequest } from '../protocol/api-error.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import type { Tenant } from '../state/tenant.ts';
import type { Usage } from '../state/usage.ts';
import type { Wire } from '../wires/wire.ts';
import { scopeOf, type Account } from './account.ts';
import type { Exchange } from './exchange.ts';
import { newEntry, runAttempt, type Attempt, type LogEntry } from './run-attempt.ts';

type MessagesDeps = { respond: Respond; now: () => number };

type Call = { exchange: Exchange; tenant: Tenant; wire: Wire; entry: LogEntry };

/** Answers a call for an answer of a model, on any wire. */
export type Messages = (exchange: Exchange, tenant: Tenant, wire: Wire) => Promise<void>;

/** Makes the inference route: validate, decide the answer, fail it or admit it, wait, send, and note what was delivered. */
export function makeMessages(deps: MessagesDeps): Messages {
  return async (exchange, tenant, wire) => {
    const entry = newEntry(exchange, deps.now());
    exchange.carry(wire.idHeaders(exchange.requestId));
    try {
      await serve({ exchange, tenant, wire, entry }, deps);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      entry.status = error.status;
      exchange.sendJson(error.status, wire.errorBody(error, exchange.requestId), error.headers);
    } finally {
      const { byStatus, faults } = tenant.traffic;
      const status = String(entry.status ?? 'none');
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (entry.fault !== null) faults[entry.fault] = (faults[entry.fault] ?? 0) + 1;
      tenant.log.add(entry);
    }
  };
}

async function serve(call: Call, deps: MessagesDeps): Promise<void> {
  const { exchange, tenant, wire, entry } = call;
  const account = wire.account(exchange.headers);
  entry.organization = account.organization;
  exchange.carry(wire.accountHeaders(account));
  const { request, model, version } = wire.read(exchange, tenant.findModel);
  entry.model = model.id;
  const bodyHash = hash('sha256', exchange.body, 'hex');
  entry.attempt = tenant.nextAttempt(bodyHash);
  const scope = scopeOf(account, tenant, model);
  if (wire.hasLimits) tenant.limiter.arrive(scope, bodyHash);

  const sample = takeSample(exchange, request, tenant, model.id);
  let delivered = false;
  try {
    const attempt = decide({ ...call, version, request, model, scope, bodyHash }, sample.key, deps);
    const fault = faultOf(attempt, account, deps.now());
    entry.fault = fault?.kind ?? null;
    if (fault !== null && isBefore(fault)) return await injectBefore(fault, exchange);
    // Given back before the client can ask again, so that its next attempt finds the same sample.
    if (fault !== null && isNeverDelivered(fault.kind)) sample.giveBack();
    delivered = await runAttempt(attempt, fault?.kind ?? null, { delayMs: fault?.params?.delayMs, now: deps.now });
  } catch (error) {
    exchange.carry(wire.rateHeaders(tenant.limiter.levels(scope)));
    throw error;
  } finally {
    entry.delivered = delivered;
    // A sample that nobody received is drawn again: delivered answers do not depend on what failed.
    if (!delivered) sample.giveBack();
  }
}

type Sample = { key: string; giveBack: () => void };

/** The sample is named by the test header, else by the client's own id, else by counting equal requests. */
function takeSample(exchange: Exchange, request: MessagesRequest, tenant: Tenant, model: string): Sample {
  const named = exchange.headers['x-sim-sample'] ?? request.metadata?.user_id;
  if (typeof named === 'string') return { key: named, giveBack: () => {} };
  const bodyKey = `${model}/${shortHash(JSON.stringify({ ...request, metadata: undefined }))}`;
  const number = tenant.samples.take(bodyKey);
  let taken = true;
  return {
    key: `#${number}`,
    giveBack() {
      if (taken) tenant.samples.giveBack(bodyKey, number);
      taken = false;
    },
  };
}

type Decided = Omit<Attempt, 'reply' | 'usage' | 'cacheUse'>;

function decide(base: Decided, sampleKey: string, { respond, now }: MessagesDeps): Attempt {
  const { tenant, request, model, scope, entry } = base;
  const hours = (now() - tenant.startedAtMs) / 3_600_000;
  const reply = respond({ request, model, cast: tenant.cast(model), hours, sampleKey });
  const cacheUse = tenant.cache.look(request, model, scope);
  const usage: Usage = { ...cacheUse.split, output: reply.outputTokens };
  if (usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h > model.contextTokens) {
    throw invalidRequest(`prompt is too long: it exceeds the ${model.contextTokens} tokens of ${model.id}`);
  }
  entry.sampleKey = sampleKey;
  if (reply.meaning.kind === 'trial') {
    entry.cell = reply.meaning.cell.name;
    entry.promptKey = reply.meaning.promptKey;
  } else {
    entry.cell = `judge/${reply.meaning.judgement.task}`;
  }
  return { ...base, reply, cacheUse, usage };
}

/** The fault of this attempt: of the header, which only a test key may use, or of the tenant's rules. */
function faultOf(
  { exchange, tenant, bodyHash, entry, model }: Attempt,
  account: Account,
  nowMs: number,
): FaultRule | null {
  const asked = exchange.headers['x-sim-fault'];
  if (asked !== undefined && account.isTestKey) {
    const kind = FAULT_KINDS.find((one) => one === asked);
    if (kind === undefined)
      throw invalidRequest(`x-sim-fault: "${String(asked)}" is none of ${FAULT_KINDS.join(', ')}`);
    return { kind };
  }
  if (tenant.config.faults.length === 0) return null;
  return decideFault(tenant.config.faults, {
    seed: tenant.config.seed,
    bodyHash,
    attempt: entry.attempt,
    sinceStartMs: nowMs - tenant.startedAtMs,
    model: model.id,
    cell: entry.cell ?? '',
    promptKey: entry.promptKey ?? '',
    sampleKey: entry.sampleKey ?? '',
  });
}
