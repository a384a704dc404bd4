import { OUTCOMES } from '@crosscheck/contracts';
import { type Db, only } from './pool.ts';

/** Numbers of the whole installation, for monitoring. Amounts in USD: they are looked at, not reckoned with. */
export type HouseNumbers = {
  sweeps: Record<string, number>;
  /** paused because their budget is used up */
  sweepsOutOfBudget: number;
  /** the largest share of its own budget that a running sweep has spent, 0 to about 1 */
  budgetSpentShareMax: number;
  /** settled trials of all sweeps that are kept, by outcome */
  outcomes: Record<string, number>;
  teams: { team: string; spentUsd: number; budgetUsd: number | null }[];
};

/** Reads counters, not trials: its cost goes with cells of sweeps. */
export async function readHouseNumbers(db: Db): Promise<HouseNumbers> {
  const { rows } = await db.query<HouseNumbers>(
    `
    select
      (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*) as n from sweep group by state) s) as sweeps,
      (select count(*)::int from sweep where state = 'paused' and state_reason = 'budget_exhausted') as "sweepsOutOfBudget",
      (select coalesce(max(spent::float8 / budget), 0) from (
         select s.budget_pico_usd as budget, (select sum(n) from cell_count c where c.sweep_id = s.id and c.key = 'pico_usd') as spent
         from sweep s where s.state = 'running' and s.budget_pico_usd > 0) b) as "budgetSpentShareMax",
      (select coalesce(jsonb_object_agg(key, n), '{}') from (
         select key, sum(n) as n from cell_count where key = any ($1) group by key) o) as outcomes,
      (select coalesce(jsonb_agg(jsonb_build_object('team', t.name, 'spentUsd', coalesce(p.pico_usd, 0) / 1e12,
           'budgetUsd', t.monthly_budget_pico_usd / 1e12) order by t.name), '[]')
       from team t left join team_spend p on p.team_id = t.id and p.month = date_trunc('month', now() at time zone 'utc')::date) as teams`,
    [OUTCOMES],
  );
  return only(rows);
}
