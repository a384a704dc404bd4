import { ApiError, invalidRequest } from '../protocol/api-error.ts';
import { makeBucket, sizeOf, waitFor, type Bucket, type BucketSize } from './bucket.ts';
import type { RateLevels } from './headers.ts';
import { ratesOfPool, type Limits } from './limits.ts';
import { makeAdmissionCounters, type AdmissionCounters } from './windows.ts';

/** Who spends from which buckets. */
export type Scope = { organization: string; workspace: string; pool: string };

type AdmissionRequest = { scope: Scope; bodyHash: string; inputTokens: number; maxTokens: number };

/** The server's side of the limits: one per tenant. */
export type Limiter = {
  /** Counts an arrival, admitted or not, against what earlier 429s announced. */
  arrive(scope: Scope, bodyHash: string): void;
  /** @throws ApiError 429, or 400 for a customer's own spend cap */
  admit(request: AdmissionRequest): void;
  admitCountTokens(scope: Scope): void;
  /** Debits what was generated. Nothing when it was reserved at admission. */
  debitOutput(scope: Scope, tokens: number, costUsd: number): void;
  levels(scope: Scope): RateLevels;
  report(): object;
};

type Account = {
  requests: Bucket;
  input: Bucket;
  output: Bucket;
  countTokens: Bucket;
  counters: AdmissionCounters;
  announced: { fromMs: number; untilMs: number };
  rejected: Record<string, number>;
};

/** A client that was already sending when the wait was announced is not to blame for what arrives this soon after. */
const GRACE_MS = 250;
const BODIES_MAX = 100_000;

/** Makes the limiter of a tenant. `limits` is asked on every call, so that limits can change while it runs. */
export function makeLimiter(deps: { limits: () => Limits; timeScale: () => number; now: () => number }): Limiter {
  const { now } = deps;
  const accounts = new Map<string, Account>();
  const spentUsd = new Map<string, number>();
  const notBefore = new Map<string, number>();
  const violations = { arrivalsInsideAnnouncedWait: 0, bodiesResentEarly: 0 };
  /** Time that stands still would never refill a bucket: immediate answers leave the limits in real time. */
  const scale = (): number => (deps.timeScale() === 0 ? 1 : deps.timeScale());

  const accountOf = ({ organization, workspace, pool }: Scope): Account => {
    const key = `${organization}/${workspace}/${pool}`;
    let account = accounts.get(key);
    if (account === undefined) accounts.set(key, (account = makeAccount(60_000 / scale())));
    return account;
  };
  const sizes = (pool: string): Record<'requests' | 'input' | 'output', BucketSize> => {
    const limits = deps.limits();
    const rates = ratesOfPool(limits, pool);
    const size = (perMinute: number): BucketSize => sizeOf(perMinute, limits.burst ?? 1, scale());
    return {
      requests: size(rates.requestsPerMinute),
      input: size(rates.inputTokensPerMinute),
      output: size(rates.outputTokensPerMinute),
    };
  };
  const reject = (account: Account, error: ApiError, waitMs: number | null, bodyHash: string): never => {
    const name = error.code ?? error.type;
    account.rejected[name] = (account.rejected[name] ?? 0) + 1;
    if (deps.limits().rejectCosts === true) account.requests.take(1);
    if (waitMs !== null) announce(account, waitMs, bodyHash);
    throw error;
  };
  const announce = (account: Account, waitMs: number, bodyHash: string): void => {
    const untilMs = now() + waitMs;
    account.announced = { fromMs: now() + GRACE_MS, untilMs: Math.max(untilMs, account.announced.untilMs) };
    if (notBefore.size >= BODIES_MAX) notBefore.clear();
    notBefore.set(bodyHash, untilMs);
  };
  const checkSpend = (account: Account, scope: Scope, bodyHash: string): void => {
    const { spendCapUsd, ownSpendCapUsd } = deps.limits();
    const spent = spentUsd.get(scope.organization) ?? 0;
    if (ownSpendCapUsd !== undefined && spent >= ownSpendCapUsd) {
      reject(
        account,
        invalidRequest('You have reached your specified API usage limits for this month.'),
        null,
        bodyHash,
      );
    }
    if (spendCapUsd !== undefined && spent >= spendCapUsd) reject(account, spendCapError(), null, bodyHash);
  };
  const checkRamp = (account: Account, inputTokens: number, bodyHash: string): void => {
    const { ramp } = deps.limits();
    if (ramp === undefined) return;
    const { last, before } = account.counters.minutes(now());
    if (last + inputTokens <= Math.max(ramp.floorTokens, before * ramp.factor)) return;
    const wait = announcedWait(5_000 / scale(), scale());
    reject(account, rampError(wait.headers), wait.ms, bodyHash);
  };
  const checkBuckets = (account: Account, { scope, bodyHash, inputTokens, maxTokens }: AdmissionRequest): void => {
    const size = sizes(scope.pool);
    const atMs = now();
    // A call larger than a whole bucket waits for a full one: otherwise it could never be made.
    const input = Math.min(inputTokens, size.input.capacity);
    const output = deps.limits().outputReserve === true ? Math.min(maxTokens, size.output.capacity) : 1;
    const waits = {
      requests: waitFor(1, account.requests.levelAt(atMs, size.requests), size.requests),
      'input tokens': waitFor(input, account.input.levelAt(atMs, size.input), size.input),
      'output tokens': waitFor(output, account.output.levelAt(atMs, size.output), size.output),
    };
    const [name, waitMs] = Object.entries(waits).reduce((most, one) => (one[1] > most[1] ? one : most));
    if (waitMs <= 0) return;
    const wait = announcedWait(waitMs, scale());
    reject(account, rateLimitError(name, scope.pool, wait.headers), wait.ms, bodyHash);
  };

  return {
    arrive(scope, bodyHash) {
      const { announced } = accountOf(scope);
      if (now() > announced.fromMs && now() < announced.untilMs) violations.arrivalsInsideAnnouncedWait += 1;
      if (now() < (notBefore.get(bodyHash) ?? 0)) violations.bodiesResentEarly += 1;
    },
    admit(request) {
      const account = accountOf(request.scope);
      checkSpend(account, request.scope, request.bodyHash);
      checkRamp(account, request.inputTokens, request.bodyHash);
      checkBuckets(account, request);
      account.requests.take(1);
      account.input.take(request.inputTokens);
      if (deps.limits().outputReserve === true) account.output.take(request.maxTokens);
      account.counters.admitted(now(), request.inputTokens);
    },
    admitCountTokens(scope) {
      const account = accountOf(scope);
      const limits = deps.limits();
      const size = sizeOf(limits.countTokensPerMinute ?? limits.requestsPerMinute, limits.burst ?? 1, scale());
      const waitMs = waitFor(1, account.countTokens.levelAt(now(), size), size);
      if (waitMs > 0) throw rateLimitError('count_tokens requests', scope.pool, announcedWait(waitMs, scale()).headers);
      account.countTokens.take(1);
    },
    debitOutput(scope, tokens, costUsd) {
      if (deps.limits().outputReserve !== true) accountOf(scope).output.take(tokens);
      spentUsd.set(scope.organization, (spentUsd.get(scope.organization) ?? 0) + costUsd);
    },
    levels(scope) {
      const account = accountOf(scope);
      const size = sizes(scope.pool);
      const nowMs = now();
      return {
        nowMs,
        requests: { level: account.requests.levelAt(nowMs, size.requests), size: size.requests },
        input: { level: account.input.levelAt(nowMs, size.input), size: size.input },
        output: { level: account.output.levelAt(nowMs, size.output), size: size.output },
        rates: ratesOfPool(deps.limits(), scope.pool),
      };
    },
    report: () => ({
      ...violations,
      spentUsd: Object.fromEntries(spentUsd),
      accounts: Object.fromEntries(
        [...accounts].map(([key, { counters, rejected }]) => [key, { ...counters.report(), rejected }]),
      ),
    }),
  };
}

function makeAccount(minuteMs: number): Account {
  return {
    requests: makeBucket(),
    input: makeBucket(),
    output: makeBucket(),
    countTokens: makeBucket(),
    counters: makeAdmissionCounters(minuteMs),
    announced: { fromMs: 0, untilMs: 0 },
    rejected: {},
  };
}

/** `retry-after` in whole seconds, never 0; in scaled time the true wait goes into `retry-after-ms`. */
function announcedWait(waitMs: number, timeScale: number): { ms: number; headers: Record<string, string> } {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  if (timeScale === 1) return { ms: seconds * 1_000, headers: { 'retry-after': String(seconds) } };
  const ms = Math.max(1, Math.ceil(waitMs));
  return { ms, headers: { 'retry-after': String(seconds), 'retry-after-ms': String(ms) } };
}

const rateLimitError = (limit: string, pool: string, headers: Record<string, string>): ApiError =>
  new ApiError(429, 'rate_limit_error', `This request would exceed the limit of ${limit} per minute of ${pool}`, {
    headers,
  });

const rampError = (headers: Record<string, string>): ApiError =>
  new ApiError(429, 'rate_limit_error', 'The use of this organization grows faster than its ramp limit allows', {
    code: 'ramp_limit_exceeded',
    headers,
  });

const spendCapError = (): ApiError =>
  new ApiError(429, 'rate_limit_error', 'This organization has reached the spend limit of its tier for this month', {
    code: 'enforced_spend_limit_reached',
  });
