import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { announce } from '@crosscheck/store';
import type { House } from './house.ts';

type Fault = {
  kind: string;
  nth?: number;
  match?: { model?: string };
  params?: { retryAfterSeconds?: number };
};

/** From now on the simulator fails these calls, and no others. */
export async function setFaults({ simulator }: House, faults: Fault[]): Promise<void> {
  await patchTenant(simulator.controlUrl, { faults });
}

/** From now on the simulator knows exactly these models, each as a persona or a judge that makes no mistakes. */
export async function setModels({ simulator }: House, models: string[]): Promise<void> {
  await patchTenant(simulator.controlUrl, { models: rolesOf(models) });
}

export function rolesOf(models: string[]): Record<string, { persona: string } | { judge: string; alwaysJudges: true }> {
  return Object.fromEntries(
    models.map((model) => [
      model,
      model.startsWith('judge') ? { judge: 'judge-exact@1', alwaysJudges: true } : { persona: 'no-effect' },
    ]),
  );
}

async function patchTenant(controlUrl: string, patch: object): Promise<void> {
  const answer = await fetch(`${controlUrl}/tenants/default`, { method: 'PATCH', body: JSON.stringify(patch) });
  if (!answer.ok) throw new Error(await answer.text());
}

export type Call = { atMs: number; model: string | null; status: number | null; fault: string | null };

/** Every call that reached the simulator, oldest first. */
export async function callsOf({ simulator }: House): Promise<Call[]> {
  const answer = await fetch(`${simulator.controlUrl}/log`);
  return ((await answer.json()) as { entries: Call[] }).entries;
}

/** The wait that a retry was given after its last attempt; `attempts`: how many it had by then. */
export type Wait = { model: string; attempts: number; waitMs: number };

/**
 * Lets time pass at once for whatever waits: retries that back off, lanes that are held. Resolves when the sweep has one of the states, with
 * the first wait after each attempt of a sweep with one trial a model.
 */
export async function hurry(house: House, sweepId: string, states: string[]): Promise<Wait[]> {
  const waits: Wait[] = [];
  for (;;) {
    const { rows } = await house.pool.query<{ state: string }>('select state from sweep where id = $1', [sweepId]);
    if (states.includes(rows[0]?.state ?? '')) return waits;
    await openLanes(house);
    const cut = await house.pool.query<Wait>(CUT_WAITS, [sweepId]);
    // Further waits after the same attempt are those before a lane that is short.
    for (const wait of cut.rows) {
      if (!waits.some(({ model, attempts }) => model === wait.model && attempts === wait.attempts)) waits.push(wait);
    }
    if (cut.rows.length > 0) await announce(house.pool, 'sweeps', sweepId);
    await sleep(40);
  }
}

const CUT_WAITS = `
  with waiting as (select id, not_before from trial where sweep_id = $1 and state = 'planned' and not_before > now() for update skip locked),
  cut as (update trial t set not_before = null from waiting w where t.id = w.id returning t.id, t.sweep_id, t.model, w.not_before)
  select m.ref as model, a.n as attempts, (extract(epoch from cut.not_before - a.ended) * 1000)::float8 as "waitMs"
  from cut join sweep_model m on m.sweep_id = cut.sweep_id and m.ordinal = cut.model
  cross join lateral (select count(*)::int as n, max(started_at + latency_ms * interval '1 millisecond') as ended
                      from attempt where trial_id = cut.id) a`;

/** Lifts every hold, and forgets what refusals taught the lanes of their rates; the house keeps its budgets in Postgres. */
export async function openLanes({ pool }: House): Promise<void> {
  await pool.query('delete from lane_budget');
}

/** A sweep of one condition, one sample and one rule, so that a trial is one call. */
export function plainSweep(base: ResolvedSweep, models: string[]): ResolvedSweep {
  const [condition] = base.conditions;
  const [rule] = base.graders;
  if (!condition || !rule) throw new Error('the sweep to start from has no condition or no grader');
  return {
    ...base,
    conditions: [condition],
    contrasts: [],
    graders: [rule],
    models: models.map((m) => `sim/${m}`),
    samples: 1,
  };
}
