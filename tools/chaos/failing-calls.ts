import type { Ground } from './ground.ts';
import { type Asked, limitLanes, type SweepSize, submit, untilEnded } from './sweeps.ts';

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

/** Twins: models of different names, and so of lanes of their own, that answer and judge in the same way. */
const CLEAN: Asked = { model: 'sim/no-effect', judge: 'sim/judge-1' };
const FAILING: Asked = { model: 'sim/echo', judge: 'sim/judge-2' };
const TWINS = { echo: { persona: 'no-effect' }, 'judge-2': { judge: 'judge@1', alwaysJudges: true } };

/**
 * The wall time of a sweep whose calls fail now and then, beside that of its twin whose calls do not. Both run at the same time, so that
 * whatever else the machine does slows both.
 *
 * @param inFlight calls at a time of each lane
 */
export async function measureFailingCalls(
  ground: Ground,
  { seed, size, inFlight }: { seed: number; size: SweepSize; inFlight: number },
): Promise<WallTimes> {
  const before = (await ground.calls()).length;
  await ground.setModels(TWINS);
  await ground.setModelFaults([FAILING.model, FAILING.judge].flatMap(toRules));
  for (const asked of [CLEAN, FAILING]) await limitLanes(ground, inFlight, asked);
  const [clean, failing] = await Promise.all([
    runOne(ground, { seed, size, asked: CLEAN }),
    runOne(ground, { seed: seed + 1, size, asked: FAILING }),
  ]);
  await ground.setModelFaults([]);
  await ground.setModels({});
  const calls = (await ground.calls()).slice(before).filter(({ model }) => isOf(FAILING, model));
  return {
    cleanMs: clean.wallMs,
    failingMs: failing.wallMs,
    failed: calls.filter(({ fault }) => fault !== null).length,
    calls: calls.length,
    sweepIds: [clean.id, failing.id],
  };
}

const nameOf = (ref: string): string => ref.replace('sim/', '');
const isOf = ({ model, judge }: Asked, name: string | null): boolean =>
  name === nameOf(model) || name === nameOf(judge);

/** The first rule that hits decides: each is drawn among those that the rules before it left. */
function toRules(ref: string): object[] {
  return DAILY.map((kind, index) => ({
    kind,
    p: SHARE / DAILY.length / (1 - (SHARE * index) / DAILY.length),
    match: { model: nameOf(ref) },
  }));
}

async function runOne(
  ground: Ground,
  { seed, size, asked }: { seed: number; size: SweepSize; asked: Asked },
): Promise<{ id: string; wallMs: number }> {
  const id = await submit(ground, seed, size, asked);
  await untilEnded(ground, id);
  const { rows } = await ground.pool.query<{ ms: number }>(
    `select coalesce(extract(epoch from finished_at - started_at) * 1000, 'infinity')::float8 as ms from sweep where id = $1`,
    [id],
  );
  return { id, wallMs: rows[0]?.ms ?? Infinity };
}
