import { inTransaction, type Pool } from '@crosscheck/store';
import { type Call, checkLedger, checkPaidTwice, countPaidTwice, type Loss, type PaidTwice } from './check-calls.ts';
import { checkMetrics } from './check-metrics.ts';
import {
  checkCounters,
  checkDuplicates,
  checkOutcomes,
  checkPrompts,
  checkSpend,
  type Violations,
} from './check-rows.ts';

/** What must hold whatever happened, in the order of the table. */
export const INVARIANTS = [
  'one outcome',
  'counters = rows',
  'own prompt',
  'no duplicate',
  'spend = ledger',
  'ledger = calls',
  'paid twice ≤ in flight',
  'metrics = new fold',
] as const;
export type Invariant = (typeof INVARIANTS)[number];
export type Findings = Map<Invariant, Violations>;

/**
 * What must hold at any moment, read from one snapshot of the database.
 *
 * @param isOver that the sweeps are finished
 */
export async function checkNow(pool: Pool, sweepIds: readonly string[], { isOver = false } = {}): Promise<Findings> {
  return inTransaction(pool, async (db) => {
    await db.query('set transaction isolation level repeatable read, read only');
    const found: Findings = new Map([['spend = ledger', await checkSpend(db)]]);
    const add = (invariant: Invariant, violations: Violations) =>
      found.set(invariant, [...(found.get(invariant) ?? []), ...violations]);
    for (const id of sweepIds) {
      add('one outcome', await checkOutcomes(db, id, { isOver }));
      add('counters = rows', await checkCounters(db, id));
      add('own prompt', await checkPrompts(db, id));
      add('no duplicate', await checkDuplicates(db, id));
    }
    return found;
  });
}

export type AtTheEnd = { sweepIds: readonly string[]; calls: readonly Call[]; losses: readonly Loss[] };

/** What must hold when all sweeps are finished: also the provider's own log is asked, for all calls that it ever saw. */
export async function checkAtTheEnd(
  pool: Pool,
  { sweepIds, calls, losses }: AtTheEnd,
): Promise<{ found: Findings; paidTwice: PaidTwice }> {
  const found = await checkNow(pool, sweepIds, { isOver: true });
  found.set('ledger = calls', await checkLedger(pool, calls, losses));
  const paidTwice = await countPaidTwice(pool, calls, losses);
  found.set('paid twice ≤ in flight', checkPaidTwice(paidTwice));
  const folds = await inTransaction(pool, async (db) => {
    const differing: Violations = [];
    for (const id of sweepIds) differing.push(...(await checkMetrics(db, id)));
    return differing;
  });
  found.set('metrics = new fold', folds);
  return { found, paidTwice };
}
