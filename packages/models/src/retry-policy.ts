import type { CallKind } from '@crosscheck/contracts';
import { type CodeRule, isCallCode, ruleOf } from './call-codes.ts';

/** How long one trial is tried. The waits are spent in the queue, never inside a worker's slot. */
export const RETRY_POLICY = {
  attemptsMax: 6,
  /** calls of one asker in one life of a trial, whatever they ended in: waits that count as nobody's failure end here too */
  callsMax: 100,
  /** the first wait is up to this, each later one up to twice the one before */
  baseDelayMs: 1_000,
  delayMaxMs: 60_000,
  /** from the first attempt on, whatever the failures were; who counts leaves out what was no trying */
  elapsedMsMax: 6 * 60 * 60_000,
  /** added to a wait that a server asked for, as a share of it, so that what waited together does not wake together */
  spread: 0.1,
  spreadMsMax: 5_000,
} as const;

export type FailedAttempt = {
  code: string;
  kind: CallKind;
  /** attempts so far that count, this one included: see `spendsAttempt` */
  attempt: number;
  /** calls so far of any kind, this one included */
  calls: number;
  /** attempts in a row that ended in this code, this one included */
  sameCodeInARow: number;
  /** since the first attempt, ms */
  elapsedMs: number;
  /** what the server asked for */
  retryAfterMs: number | null;
  /** in [0, 1): chance as an input, so that the step is a pure function */
  random: number;
  /** calls of the whole lane in a row that ended in this code, when the caller counts them */
  laneCodeInARow?: number;
};

export type NextStep =
  /** record the outcome: the call gave one */
  | { do: 'finish' }
  | { do: 'again'; delayMs: number }
  /** scope cell: the same will happen to every trial like it, once `tripAfter` of them in a row ended so */
  | { do: 'give_up'; scope: 'trial' | 'cell'; tripAfter: number; reason: string }
  /** the trial keeps its attempt count. forMs null: until a person acts. */
  | { do: 'pause_lane' | 'pause_account'; forMs: number | null; reason: string };

/** What happens after an attempt. Backoff is exponential with full jitter, and never shorter than what the server or the code asks for. */
export function nextStep(failed: FailedAttempt): NextStep {
  const rule = isCallCode(failed.code) ? ruleOf(failed.code) : undefined;
  const reason = rule?.says ?? failed.code;
  switch (failed.kind) {
    case 'ok':
    case 'api_refusal':
    case 'cancelled':
      return { do: 'finish' };
    case 'fail_trial':
      return { do: 'give_up', scope: 'trial', tripAfter: 1, reason };
    case 'fail_cell':
      return { do: 'give_up', scope: 'cell', tripAfter: rule?.tripAfter ?? 1, reason };
    case 'pause_lane':
    case 'pause_account':
      return { do: failed.kind, forMs: failed.retryAfterMs, reason };
    case 'retryable':
      return nextTry(failed, rule, reason);
    default:
      return failed.kind satisfies never;
  }
}

function nextTry(failed: FailedAttempt, rule: CodeRule | undefined, reason: string): NextStep {
  const delayMs = delayBefore(failed, rule);
  const isOver = failed.calls >= RETRY_POLICY.callsMax || failed.elapsedMs + delayMs > RETRY_POLICY.elapsedMsMax;
  if (isOver) return { do: 'give_up', scope: 'trial', tripAfter: 1, reason };
  if ((failed.laneCodeInARow ?? 0) >= (rule?.pauseLaneAfter ?? Infinity)) {
    return { do: 'pause_lane', forMs: RETRY_POLICY.delayMaxMs, reason };
  }
  return isSpent(failed, rule) ? { do: 'give_up', scope: 'trial', tripAfter: 1, reason } : { do: 'again', delayMs };
}

/** Whether an attempt that ended so counts. Waiting for a limit that has a known end is not failing: only time ends that. */
export function spendsAttempt(code: string): boolean {
  return !isCallCode(code) || ruleOf(code).attemptsMax !== Infinity;
}

function isSpent({ attempt, sameCodeInARow }: FailedAttempt, rule: CodeRule | undefined): boolean {
  const inARowMax = rule?.attemptsMax ?? RETRY_POLICY.attemptsMax;
  return inARowMax !== Infinity && (sameCodeInARow >= inARowMax || attempt >= RETRY_POLICY.attemptsMax);
}

function delayBefore({ attempt, retryAfterMs, random }: FailedAttempt, rule: CodeRule | undefined): number {
  if (retryAfterMs !== null) {
    const spreadMs = Math.min(retryAfterMs * RETRY_POLICY.spread, RETRY_POLICY.spreadMsMax);
    return Math.ceil(Math.max(retryAfterMs, rule?.delayMinMs ?? 0) + spreadMs * random);
  }
  const ceilingMs = Math.min(RETRY_POLICY.delayMaxMs, RETRY_POLICY.baseDelayMs * 2 ** Math.min(attempt - 1, 30));
  // the minimum lies under the jitter: cutting the jitter off at it would let everybody come back at once
  return Math.ceil(Math.min(RETRY_POLICY.delayMaxMs, (rule?.delayMinMs ?? 0) + ceilingMs * random));
}
