import type { Ground } from './ground.ts';
import { type SweepSize, submit, untilEnded } from './sweeps.ts';

/**
 * Ways that calls fail in daily life; together they hit a tenth of all calls. A 429 is none of them: it is an order to send less, and whoever
 * obeys it is slower because he was told to be.
 */
const DAILY = [
  '529',
  '500',
  '502-html',
  '503-html',
  'reset',
  'fin',
  'reset-mid-body',
  'bad-json',
  'wrong-content-type',
];
const SHARE = 0.1;

export const WALL_RATIO_MAX = 1.25;

export type WallTimes = { cleanMs: number; failingMs: number; failed: number; calls: number; sweepIds: string[] };

/** The wall time of a sweep whose calls fail now and then, beside that of one whose calls do not. */
export async function measureFailingCalls(
  ground: Ground,
  { seed, size }: { seed: number; size: SweepSize },
): Promise<WallTimes> {
  const clean = await runOne(ground, seed, size);
  const before = (await ground.calls()).length;
  // The first rule that hits decides: each is drawn among those that the rules before it left.
  await ground.setModelFaults(
    DAILY.map((kind, index) => ({ kind, p: SHARE / DAILY.length / (1 - (SHARE * index) / DAILY.length) })),
  );
  const failing = await runOne(ground, seed + 1, size);
  await ground.setModelFaults([]);
  const calls = (await ground.calls()).slice(before);
  return {
    cleanMs: clean.wallMs,
    failingMs: failing.wallMs,
    failed: calls.filter(({ fault }) => fault !== null).length,
    calls: calls.length,
    sweepIds: [clean.id, failing.id],
  };
}

async function runOne(ground: Ground, seed: number, size: SweepSize): Promise<{ id: string; wallMs: number }> {
  const id = await submit(ground, seed, size);
  await untilEnded(ground, id);
  const { rows } = await ground.pool.query<{ ms: number }>(
    `select coalesce(extract(epoch from finished_at - started_at) * 1000, 'infinity')::float8 as ms from sweep where id = $1`,
    [id],
  );
  return { id, wallMs: rows[0]?.ms ?? Infinity };
}
