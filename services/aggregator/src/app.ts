import type { Clock } from '@crosscheck/contracts';
import type { Health, Logger } from '@crosscheck/runtime';
import {
  completeSweep,
  listUnfolded,
  type Leadership,
  type Pool,
  type Progress,
  readProgress,
  readRate,
  type SweepRow,
  type UnfoldedSweep,
  writeEvent,
} from '@crosscheck/store';
import { makeFolds } from './folds.ts';
import { makeHousekeeping } from './housekeeping.ts';

export type AggregatorDeps = {
  pool: Pool;
  leadership: Leadership;
  clock: Clock;
  log: Logger;
  health: Health;
  tickMs?: number;
  /** told how long a fold took, ms */
  onFold?: (ms: number) => void;
};
export type Aggregator = {
  /** One look at every sweep that moved. */
  tick(): Promise<void>;
  close(): Promise<void>;
};

type Seen = { settled: number; state: string; publishedMs: number; foldedMs: number; foldCostMs: number };

const TICK_MS = 250;
const PUBLISH_EVERY_MS = 500;
const FOLD_EVERY_MS = 1_000;
/** A fold may take at most this share of the time: a sweep of a million trials is folded less often, not a slower one. */
const FOLD_SHARE = 0.1;

/** Turns outcomes into metrics, closes sweeps and publishes events. Of several aggregators one leads, the others wait. */
export function makeAggregator(deps: AggregatorDeps): Aggregator {
  const { pool, leadership, clock, log, health, tickMs = TICK_MS, onFold } = deps;
  const seen = new Map<string, Seen>();
  const folds = makeFolds({ pool });
  const keepHouse = makeHousekeeping({ pool, clock, log });
  const loopHealth = health.expect('fold', { ageMsMax: 30_000 });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  async function tick(): Promise<void> {
    if (leadership.isLeader()) {
      leadership.passed({ worked: await look() });
      await keepHouse();
    } else forgetAllBut(new Set());
    loopHealth.worked();
  }

  /** @returns whether a sweep moved */
  async function look(): Promise<boolean> {
    const sweeps = await listUnfolded(pool);
    const ids = sweeps.map(({ id }) => id);
    const progress = await readProgress(pool, ids);
    for (const sweep of sweeps) {
      const now = progress.get(sweep.id);
      // A fold takes seconds; who lost the lead meanwhile leaves the rest to the next.
      if (now && leadership.isLeader()) await follow(sweep, now);
    }
    forgetAllBut(new Set(ids));
    return sweeps.some(({ moved }) => moved);
  }

  async function follow(sweep: UnfoldedSweep, progress: Progress): Promise<void> {
    const before = seen.get(sweep.id) ?? { settled: -1, state: '', publishedMs: 0, foldedMs: 0, foldCostMs: 0 };
    const isDone = sweep.state === 'running' && progress.settled === progress.planned;
    const mayFold = clock.nowMs() - before.foldedMs >= Math.max(FOLD_EVERY_MS, before.foldCostMs / FOLD_SHARE);
    const next = { ...before, settled: progress.settled, state: sweep.state };
    if (isDone || !sweep.isFolded || (sweep.moved && mayFold)) {
      const startedMs = clock.nowMs();
      // What stays is counted from the rows once more, so that it does not rest on every change having been heard of.
      await folds.fold(sweep, { anew: isDone });
      next.foldedMs = clock.nowMs();
      next.foldCostMs = next.foldedMs - startedMs;
      onFold?.(next.foldCostMs);
    }
    const current = isDone ? await finish(sweep) : sweep;
    const hasMoved = before.settled !== progress.settled || before.state !== current.state;
    const isDue = clock.nowMs() - before.publishedMs >= PUBLISH_EVERY_MS;
    if (hasMoved && (isDue || current.state !== before.state)) {
      await publishProgress(current, progress);
      next.publishedMs = clock.nowMs();
    } else next.settled = before.settled;
    seen.set(sweep.id, { ...next, state: current.state });
  }

  async function finish(sweep: SweepRow): Promise<SweepRow> {
    const finished = await completeSweep(pool, sweep.id);
    if (finished) log.info({ sweep: sweep.id, planned: sweep.planned }, 'sweep completed');
    return finished ?? sweep;
  }

  async function publishProgress(sweep: SweepRow, progress: Progress): Promise<void> {
    await writeEvent(pool, sweep.id, 'progress', {
      state: sweep.state,
      stateReason: sweep.stateReason,
      planned: progress.planned,
      settled: progress.settled,
      outcomes: progress.outcomes,
      spentUsd: Number(progress.spentPicoUsd) / 1e12,
      attempts: progress.attempts,
      ratePerMinute: await readRate(pool, sweep.id),
    });
  }

  function forgetAllBut(alive: ReadonlySet<string>): void {
    for (const id of seen.keys()) if (!alive.has(id)) seen.delete(id);
    folds.keepOnly(alive);
  }

  async function loop(): Promise<void> {
    running = tick().catch((error: unknown) => {
      loopHealth.failed(error);
      log.error({ err: error }, 'a round of the aggregator failed: the next one tries again');
    });
    await running;
    if (!closed) timer = setTimeout(() => void loop(), tickMs);
  }
  void loop();

  return {
    tick,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
