import { CrosscheckError } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { hasPlanned } from './first-planned.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';
import { type SweepRow, readSweep } from './sweeps.ts';

/** What a sweep and its team may still spend. Amounts in pico-USD; null where there is no cap. */
export type Allowance = {
  sweepId: string;
  teamId: string;
  /** the sweep's cap, less what it spent */
  sweepLeft: bigint | null;
  /** the team's cap of this month, less what all of its sweeps spent in it */
  teamLeft: bigint | null;
  /** what the claimed trials of the sweep, and of all sweeps of the team, may still cost */
  sweepReserved: bigint;
  teamReserved: bigint;
  /** the dearest trial of the sweep */
  reserve: bigint;
  stateReason: string | null;
};

/** The allowances of running sweeps that have any cap and trials to dispatch, by sweep. */
export async function readAllowances(db: Db): Promise<Map<string, Allowance>> {
  const { rows } = await db.query<Record<keyof Allowance, string | null>>(ALLOWANCES);
  return new Map(
    rows.map((row) => [
      String(row.sweepId),
      {
        sweepId: String(row.sweepId),
        teamId: String(row.teamId),
        sweepLeft: toAmount(row.sweepLeft),
        teamLeft: toAmount(row.teamLeft),
        sweepReserved: BigInt(row.sweepReserved ?? 0),
        teamReserved: BigInt(row.teamReserved ?? 0),
        reserve: BigInt(row.reserve ?? 0),
        stateReason: row.stateReason,
      },
    ]),
  );
}

function toAmount(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

const ALLOWANCES = `
  with reserved as (
    select q.sweep_id, s.team_id, sum(q.n * m.reserve_pico_usd) as amount
    from (select sweep_id, model, count(*) as n from trial where state = 'queued' group by sweep_id, model) q
    join sweep s on s.id = q.sweep_id join sweep_model m on m.sweep_id = q.sweep_id and m.ordinal = q.model
    group by q.sweep_id, s.team_id)
  select s.id as "sweepId", s.team_id as "teamId", s.state_reason as "stateReason",
    s.budget_pico_usd - coalesce((select sum(n) from cell_count c where c.sweep_id = s.id and c.key = 'pico_usd'), 0) as "sweepLeft",
    t.monthly_budget_pico_usd - coalesce((select pico_usd from team_spend p where p.team_id = t.id
      and p.month = date_trunc('month', now() at time zone 'utc')::date), 0) as "teamLeft",
    (select amount from reserved r where r.sweep_id = s.id) as "sweepReserved",
    (select sum(amount) from reserved r where r.team_id = t.id) as "teamReserved",
    (select max(reserve_pico_usd) from sweep_model m where m.sweep_id = s.id) as reserve
  from sweep s join team t on t.id = s.team_id
  where s.state = 'running' and (s.budget_pico_usd is not null or t.monthly_budget_pico_usd is not null)
    and exists (select from lane l where ${hasPlanned({ lane: 'l.id', sweep: 's.id', isDue: false })})`;

/**
 * Says on a running sweep why nothing of it is dispatched, or takes that back with null.
 */
export async function setStateReason(db: Db, sweepId: string, reason: string | null): Promise<void> {
  await db.query(`update sweep set state_reason = $2 where id = $1 and state = 'running'`, [sweepId, reason]);
}

/**
 * Sets a sweep's cap anew. A sweep that had stopped at its cap goes on.
 *
 * @throws CrosscheckError SWEEP_UNKNOWN; STATE_CONFLICT when it is finished, or has spent as much already
 */
export async function setBudget(
  pool: Pool,
  { id, teamId, budgetPicoUsd }: { id: string; teamId: string; budgetPicoUsd: bigint },
): Promise<SweepRow> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ state: string; spent: string }>(
      `select state, coalesce((select sum(n) from cell_count c where c.sweep_id = s.id and c.key = 'pico_usd'), 0)::text as spent
       from sweep s where id = $1 and team_id = $2 and deleted_at is null for update`,
      [id, teamId],
    );
    const [row] = rows;
    if (!row) throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${id}`, { got: id });
    if (BigInt(row.spent) >= budgetPicoUsd) {
      const spentUsd = Number(row.spent) / 1e12;
      throw new CrosscheckError(
        'STATE_CONFLICT',
        `the sweep has spent ${spentUsd} USD already: a budget must be larger`,
        {
          field: 'budget.usd',
          got: Number(budgetPicoUsd) / 1e12,
          expected: `more than ${spentUsd}`,
        },
      );
    }
    await db.query(
      `update sweep set budget_pico_usd = $2,
         state = case when state = 'paused' and state_reason = 'budget_exhausted' then 'running' else state end,
         state_reason = case when state_reason = 'budget_exhausted' then null else state_reason end
       where id = $1`,
      [id, budgetPicoUsd],
    );
    await announce(db, 'sweeps', id);
    // Inside, where nobody can delete it before it is read.
    return (await readSweep(db, teamId, id)) as SweepRow;
  });
}
