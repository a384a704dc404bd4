import type { Db } from '@crosscheck/store';
import type { Violations } from './check-rows.ts';

/** A call as the simulator logged it. */
export type Call = {
  atMs: number;
  route: string;
  model: string | null;
  requestId: string;
  promptKey: string | null;
  status: number | null;
  fault: string | null;
  inputTokens: number;
  outputTokens: number;
  waitMs: number;
  delivered: boolean;
};

/** When calls may have been paid for and lost: a moment where the two are the same, epoch ms. */
export type Loss = { fromMs: number; toMs: number };

type Entry = {
  requestId: string;
  trialId: string;
  asker: string;
  inputTokens: number;
  outputTokens: number;
  answer: string | null;
};

/** Clocks of one machine, but a call begins a little before the simulator writes down that it came. */
const MARGIN_MS = 250;

/** The calls that were in flight at any of these times: that many may be paid for twice, and no more. */
export function countInFlight(calls: readonly Call[], losses: readonly Loss[]): number {
  return calls.filter(({ atMs, waitMs }) =>
    losses.some(({ fromMs, toMs }) => atMs - MARGIN_MS <= toMs && atMs + waitMs + MARGIN_MS >= fromMs),
  ).length;
}

/**
 * The ledger is what happened: each answer in it was given by the provider, once, with these tokens and for this prompt; and each answer
 * that the provider gave stands in it, but for those that were in flight when something was killed or cut.
 */
export async function checkLedger(db: Db, calls: readonly Call[], losses: readonly Loss[]): Promise<Violations> {
  const ledger = await readAnswers(db);
  const byId = new Map(calls.map((call) => [call.requestId, call]));
  const foreign = ledger.filter(({ requestId }) => byId.get(requestId)?.status !== 200);
  const unequal = ledger.filter(({ requestId, inputTokens, outputTokens }) => {
    const call = byId.get(requestId);
    return call?.status === 200 && (call.inputTokens !== inputTokens || call.outputTokens !== outputTokens);
  });
  const mixed = ledger.filter(({ requestId, answer }) => {
    const key = byId.get(requestId)?.promptKey ?? null;
    return key !== null && answer !== null && !answer.includes(`i=${key}`);
  });
  const kept = new Set(ledger.map(({ requestId }) => requestId));
  const lost = calls.filter(({ delivered, fault, requestId }) => delivered && isPaidFor(fault) && !kept.has(requestId));
  const mayBeLost = countInFlight(calls, losses);
  return [
    ...tell(foreign.length, 'answers in the ledger that the provider never gave'),
    ...tell(unequal.length, 'answers in the ledger with other tokens than the provider counted'),
    ...tell(mixed.length, 'answers that stand with another prompt than the provider answered'),
    ...tell(
      lost.length > mayBeLost ? lost.length : 0,
      `answers that are not in the ledger; ${mayBeLost} calls were in flight at faults`,
    ),
  ];
}

/** What was paid for more than once, and what may have been. */
export type PaidTwice = { calls: number; inFlightAtFaults: number };

/** Answers that were paid for beyond the one that each question needs. What the simulator spoilt on purpose was no answer. */
export async function countPaidTwice(db: Db, calls: readonly Call[], losses: readonly Loss[]): Promise<PaidTwice> {
  const questions = new Set((await readAnswers(db)).map(({ trialId, asker }) => `${trialId}/${asker}`));
  const paid = calls.filter(({ status, fault }) => status === 200 && isPaidFor(fault));
  return { calls: paid.length - questions.size, inFlightAtFaults: countInFlight(calls, losses) };
}

export function checkPaidTwice({ calls, inFlightAtFaults }: PaidTwice): Violations {
  if (calls < 0) return [`${-calls} questions have an answer that nobody was paid for`];
  return calls <= inFlightAtFaults
    ? []
    : [`${calls} answers were paid for twice, and only ${inFlightAtFaults} calls were in flight at faults`];
}

/** A late answer is an answer. */
const isPaidFor = (fault: string | null): boolean => fault === null || fault === 'slow';

function tell(n: number, what: string): Violations {
  return n === 0 ? [] : [`${n} ${what}`];
}

/** `asker`: the subject, or a vote of a judge, by what was sent. */
async function readAnswers(db: Db): Promise<Entry[]> {
  const { rows } = await db.query<Entry>(
    `select a.request_id as "requestId", a.trial_id as "trialId", coalesce(a.grader::text, '') || a.request_hash as asker,
       a.uncached_tokens + a.cache_write_5m_tokens + a.cache_write_1h_tokens + a.cache_read_tokens as "inputTokens",
       a.output_tokens as "outputTokens", case when a.grader is null and r.request_id = a.request_id then r.text end as answer
     from attempt a left join response r on r.trial_id = a.trial_id
     where a.kind in ('ok', 'api_refusal')`,
  );
  return rows;
}
