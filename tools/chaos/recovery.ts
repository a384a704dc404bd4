import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.ts';
import { patiently, within } from './patiently.ts';
import { keepBusy, type SweepSize } from './sweeps.ts';

/** One measured time. `targetMs` null: only told. */
export type Figure = { what: string; measuredMs: number; targetMs: number | null };

/** From the kill of a worker to the end of everything that was with the queue and the workers then. */
const WORKER_TARGET_MS = 15_000;
const LEADER_TARGET_MS = 10_000;
const GIVE_UP_MS = 120_000;
/** Between two kills: a process that is killed as soon as it is back is started later each time. */
const SETTLE_MS = 4_000;

type Probe = { what: string; targetMs: number | null; hurt: (ground: Ground) => Promise<void>; ask: string };

/** What was queued then is done. `$1`: when it was hurt; `$2`: the trials that were queued. */
const ALL_DONE = `
  select max(settled_at) as at from trial where id = any ($2::bigint[]) having bool_and(state = 'settled') and $1::timestamptz is not null`;
const NEXT_CLAIM = `select min(queued_at) as at from trial where queued_at > $1 and $2::bigint[] is not null`;
const NEXT_FOLD = `select min(folded_at) as at from sweep where folded_at > $1 and $2::bigint[] is not null`;
const NEXT_SETTLED_OF_NEW = `select min(settled_at) as at from trial where settled_at > $1 and queued_at > $1 and $2::bigint[] is not null`;

const kill =
  (name: string) =>
  async ({ stack }: Ground): Promise<void> =>
    stack().kill(name, 'SIGKILL');

async function loseRedis({ redis }: Ground): Promise<void> {
  await redis?.kill();
  await redis?.start();
}

const PROBES: Probe[] = [
  { what: 'worker killed: its work done elsewhere', targetMs: WORKER_TARGET_MS, hurt: kill('worker-1'), ask: ALL_DONE },
  { what: 'scheduler killed: next dispatch', targetMs: LEADER_TARGET_MS, hurt: kill('scheduler'), ask: NEXT_CLAIM },
  { what: 'aggregator killed: next fold', targetMs: LEADER_TARGET_MS, hurt: kill('aggregator'), ask: NEXT_FOLD },
];
const REDIS_PROBES: Probe[] = [
  { what: 'Redis lost: next trial claimed and settled', targetMs: null, hurt: loseRedis, ask: NEXT_SETTLED_OF_NEW },
  { what: 'Redis lost: all that it carried settled', targetMs: null, hurt: loseRedis, ask: ALL_DONE },
];

/** Hurts one thing at a time while sweeps run, `times` over, and keeps the longest recovery of each. */
export async function measureRecovery(
  ground: Ground,
  { seed, size, times }: { seed: number; size: SweepSize; times: number },
): Promise<{ figures: Figure[]; sweepIds: string[]; late: string[] }> {
  const traffic = keepBusy(ground, { seed, size });
  const figures: Figure[] = [];
  for (const probe of ground.redis ? [...PROBES, ...REDIS_PROBES] : PROBES) {
    const measured: number[] = [];
    for (let time = 0; time < times; time++) {
      await sleep(SETTLE_MS);
      measured.push(await measureOnce(ground, probe));
    }
    figures.push({
      what: `${ground.mode}: ${probe.what}`,
      measuredMs: Math.max(...measured),
      targetMs: probe.targetMs,
    });
  }
  const late = await traffic.stop();
  return { figures, sweepIds: traffic.sweepIds, late };
}

async function measureOnce({ pool, losses, ...ground }: Ground, { hurt, ask }: Probe): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from trial where state = 'queued' and queued_at < clock_timestamp() - interval '300 milliseconds'`,
  );
  const fromMs = Date.now();
  await hurt({ pool, losses, ...ground });
  losses.push({ fromMs, toMs: Date.now() });
  const since = new Date();
  const queued = rows.map(({ id }) => id);
  let at: Date | null = null;
  await within(GIVE_UP_MS, async () => {
    const answer = await patiently(() => pool.query<{ at: Date | null }>(ask, [since, queued]));
    at = answer.rows[0]?.at ?? null;
    return at !== null;
  });
  return at === null ? Infinity : Math.max(0, (at as Date).getTime() - fromMs);
}
