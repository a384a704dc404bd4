import type { Ground } from './ground.ts';
import { type SweepSize, submit, untilEnded } from './sweeps.ts';
import { within } from './patiently.ts';

/** Longer than the retry policy tries one trial. */
const AGE = '6 hours 30 minutes';

export type OldSweep = { sweepId: string; ended: boolean; settledBefore: number; lost: number };

/**
 * Stops everything in the middle of a sweep whose calls fail at times, makes all of it six and a half hours older, and starts again: the
 * first calls after that fail once more, and no trial may be given up for its age.
 */
export async function resumeOldSweep(
  ground: Ground,
  { seed, size }: { seed: number; size: SweepSize },
): Promise<OldSweep> {
  const { pool, losses } = ground;
  // Never more than twice for one request: what is lost is then lost for its age.
  await ground.setModelFaults([1, 2].map((nth) => ({ kind: '500', nth, p: 0.4 })));
  const sweepId = await submit(ground, seed, size);
  await within(30_000, async () => (await countFailedOnce(ground, sweepId)) >= 5);
  const fromMs = Date.now();
  await ground.stopStack();
  losses.push({ fromMs, toMs: Date.now() });
  const settledBefore = await countSettled(ground, sweepId);
  for (const statement of AGE_ALL) await pool.query(statement);
  await ground.startStack();
  const ended = await untilEnded(ground, sweepId);
  await ground.setModelFaults([]);
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from trial where sweep_id = $1 and outcome in ('infra_failed', 'judge_failed')`,
    [sweepId],
  );
  return { sweepId, ended, settledBefore, lost: rows[0]?.n ?? 0 };
}

const older = (table: string, ...columns: string[]): string =>
  `update ${table} set ${columns.map((column) => `${column} = ${column} - interval '${AGE}'`).join(', ')}`;

const AGE_ALL = [
  older('sweep', 'created_at', 'started_at', 'finished_at', 'folded_at'),
  older('trial', 'queued_at', 'not_before', 'settled_at'),
  older('attempt', 'started_at'),
  older('response', 'received_at'),
];

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
