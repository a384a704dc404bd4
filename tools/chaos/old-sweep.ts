import { type Db, inTransaction } from '@crosscheck/store';
import type { Ground } from './ground.ts';
import { type SweepSize, submit, untilEnded } from './sweeps.ts';
import { patiently, within } from './patiently.ts';

/** Longer than the retry policy tries one trial. */
const AGE = '6 hours 30 minutes';

export type OldSweep = {
  sweepId: string;
  ended: boolean;
  settledBefore: number;
  lost: number;
  /** sent again under its idempotency key afterwards, it is the same sweep */
  isSame: boolean;
};

/** How far the sweep is when everything stops: trials that failed once and wait, and trials that are done. */
const STOP_AT = { failedOnce: 5, settled: 60 };

/**
 * Stops everything in the middle of a sweep whose calls fail at times, servers included, makes every time in the database six and a half
 * hours older, and starts again with an empty Redis: the first calls after that fail once more, and no trial may be given up for its age.
 */
export async function resumeOldSweep(
  ground: Ground,
  { seed, size }: { seed: number; size: SweepSize },
): Promise<OldSweep> {
  const { pool, losses } = ground;
  // Never more than twice for one request: what is lost is then lost for its age.
  await ground.setModelFaults([1, 2].map((nth) => ({ kind: '500', nth, p: 0.4 })));
  const sweepId = await submit(ground, seed, size);
  await within(
    60_000,
    async () =>
      (await countFailedOnce(ground, sweepId)) >= STOP_AT.failedOnce &&
      (await countSettled(ground, sweepId)) >= STOP_AT.settled,
  );
  const fromMs = Date.now();
  await ground.stopStack();
  losses.push({ fromMs, toMs: Date.now() });
  await ground.redis?.kill();
  await ground.postgres.kill();
  // All or nothing, for the server may go down in between.
  await patiently(() => inTransaction(pool, ageAll));
  const settledBefore = await countSettled(ground, sweepId);
  await ground.redis?.start();
  await ground.startStack();
  const ended = await untilEnded(ground, sweepId);
  await ground.setModelFaults([]);
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from trial where sweep_id = $1 and outcome in ('infra_failed', 'judge_failed')`,
    [sweepId],
  );
  const isSame = (await submit(ground, seed, size)) === sweepId;
  return { sweepId, ended, settledBefore, lost: rows[0]?.n ?? 0, isSame };
}

/** So that every lease, wait, limit of attempts and time of keeping has passed. */
async function ageAll(db: Db): Promise<void> {
  const { rows } = await db.query<{ table: string; columns: string[] }>(
    `select c.table_name as table, array_agg(c.column_name::text) as columns
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type = 'timestamp with time zone'
       and c.is_generated = 'NEVER' and c.table_name <> 'schema_migration'
     group by 1`,
  );
  for (const { table, columns } of rows)
    await db.query(
      `update ${table} set ${columns.map((column) => `${column} = ${column} - interval '${AGE}'`).join(', ')}`,
    );
}

/** Trials that were tried, failed and have yet to be tried again. */
async function countFailedOnce({ pool }: Ground, sweepId: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(distinct t.id)::int as n from trial t join attempt a on a.trial_id = t.id
     where t.sweep_id = $1 and t.state <> 'settled' and a.kind = 'retryable'`,
    [sweepId],
  );
  return rows[0]?.n ?? 0;
}

async function countSettled({ pool }: Ground, sweepId: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from trial where sweep_id = $1 and state = 'settled'`,
    [sweepId],
  );
  return rows[0]?.n ?? 0;
}
