import { CrosscheckError, type LaneBudget, type PrefixWarmth } from '@crosscheck/contracts';
import { makeLaneGate, makePrefixGate, makeTokenEstimator } from '@crosscheck/limiter';
import type { QueueBackend } from '@crosscheck/queue';
import type { Health, Logger } from '@crosscheck/runtime';
import {
  type Beat,
  listLanesInUse,
  moveSweep,
  openRecorder,
  type Pool,
  readTrialToRun,
  removeWorker,
  resumeDueLanes,
  stopCell,
} from '@crosscheck/store';
import { makeAfterFailure } from './after-failure.ts';
import { makeAskModel } from './ask-model.ts';
import { makeCellTrips } from './cell-trips.ts';
import { makeConsumers } from './consumers.ts';
import { makeDirectory } from './directory.ts';
import { openHeartbeat } from './heartbeat.ts';
import { makeRunTrial } from './run-trial.ts';
import { makeSlots } from './slots.ts';
import { makeStreaks } from './streaks.ts';
import { makeSweepContexts } from './sweep-contexts.ts';
import { UNWATCHED, type WorkerWatch } from './watch.ts';

export type WorkerDeps = {
  id: string;
  pool: Pool;
  queue: QueueBackend;
  budget: LaneBudget;
  warmth: PrefixWarmth;
  env: NodeJS.ProcessEnv;
  log: Logger;
  health: Health;
  /** the whole of one call, to the last byte, ms */
  callDeadlineMs?: number;
  /** looks at what passes; nothing when absent */
  watch?: WorkerWatch;
};

export type Worker = {
  /** A sweep changed: look now instead of within a second. */
  wake(sweepId: string): void;
  /** Takes nothing new; gives what runs `graceMs` to finish, then hands it back; commits everything. */
  close(graceMs: number): Promise<void>;
};

const LOOK_MS = 1_000;
const CALL_DEADLINE_MS = 600_000;

/** Composes a worker out of what it is given. It starts at once and runs until it is closed. */
export function makeWorker({
  id,
  pool,
  queue,
  budget,
  warmth,
  env,
  log,
  health,
  callDeadlineMs = CALL_DEADLINE_MS,
  watch = UNWATCHED,
}: WorkerDeps): Worker {
  const [draining, stop] = [new AbortController(), new AbortController()];
  const directory = makeDirectory({ pool, env, wrap: (client, provider) => watch.client(client, provider) });
  const contexts = makeSweepContexts({ pool });
  const slots = makeSlots();
  const recording = openRecorder({
    pool,
    worker: id,
    onRetry: (error) => log.warn({ err: error }, 'recording waits for Postgres'),
    onCommit: (batch) => watch.commit(batch),
  });
  const recorder = watch.recorder(recording);
  const gate = watch.gate(makeLaneGate({ budget, leaseMs: callDeadlineMs + 60_000 }));
  const prefixes = makePrefixGate({ warmth });
  const askModel = makeAskModel({
    directory,
    gate,
    prefixes,
    estimator: makeTokenEstimator(),
    laneStreaks: makeStreaks(),
    deadlineMs: callDeadlineMs,
    draining: draining.signal,
  });
  const ask = watch.ask(askModel);
  const trips = makeCellTrips({
    stopCell: (stop) => stopCell(pool, stop),
    async pauseSweep(sweepId, reason) {
      // A sweep that ended meanwhile needs no pause.
      await moveSweep(pool, { id: sweepId, teamId: null, to: 'paused', reason }).catch((error: unknown) => {
        if (!(error instanceof CrosscheckError)) throw error;
      });
    },
    onTrip: (cell, failure, trials) => log.error({ ...cell, ...failure, trials }, 'a cell was given up'),
  });
  const run = makeRunTrial({
    async readTrial(claim) {
      const trial = await readTrialToRun(pool, { ...claim, workerId: id });
      if (trial) watch.read(trial);
      return trial;
    },
    contexts,
    ask,
    afterFailure: makeAfterFailure({
      pool,
      budget,
      trips,
      async onPaused(lane, reason) {
        log.error({ lane, reason }, 'lane paused');
        await directory.refresh();
      },
    }),
    trips,
    providerOf: (laneId) => directory.lane(laneId).providerId,
    recorder,
    observe: (laneId, times) => slots.observe(laneId, times),
    onCrash: (trial, error) => log.error({ trial, err: error }, 'the worker failed in a trial'),
  });
  const consumers = makeConsumers({
    queue,
    runTrial: watch.run(run),
    slots,
    stop: stop.signal,
    log,
    onStalled: (laneId) => watch.stalled(laneId),
  });
  const heartbeat = openHeartbeat({ pool, queue, budget, read: readBeat, log, health });
  const loop = health.expect('look', { ageMsMax: 30_000 });
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;

  function readBeat(): Beat {
    const running = consumers.running();
    const started = startedOf(running, (laneId) => gate.waiting(laneId) + prefixes.waiting(laneId));
    return { id, lastSettledAt: consumers.lastSettledAt(), running, started, holding: consumers.holding() };
  }

  async function look(): Promise<void> {
    const opened = await resumeDueLanes(pool);
    if (opened.length > 0) log.info({ lanes: opened }, 'lanes opened: their pause has come to its end');
    await directory.refresh();
    await contexts.refreshAll();
    if (!closed) await consumers.follow(await listLanesInUse(pool), heartbeat.alive());
    loop.worked();
  }

  function start(): void {
    clearTimeout(timer);
    running ??= look()
      .catch((error: unknown) => {
        loop.failed(error);
        log.error({ err: error }, 'a round of the worker failed: the next one tries again');
      })
      .finally(() => {
        running = null;
        if (!closed) timer = setTimeout(start, LOOK_MS);
      });
  }
  start();

  return {
    wake(sweepId) {
      contexts.refresh(sweepId).catch((error: unknown) => log.warn({ err: error }, 'a sweep could not be read'));
      if (!running && !closed) start();
    },
    async close(graceMs) {
      closed = true;
      clearTimeout(timer);
      draining.abort(new Error('the worker takes nothing new'));
      await running;
      const late = setTimeout(() => stop.abort(new Error('the worker stops')), graceMs);
      await consumers.close({ graceMs });
      clearTimeout(late);
      await recorder.close();
      await heartbeat.close();
      await removeWorker(pool, id).catch(() => {});
    },
  };
}

/** Of the running trials those that no longer wait before their lane, or for its cache. */
function startedOf(running: Record<string, number>, waitingOn: (laneId: string) => number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(running).map(([laneId, trials]) => [laneId, Math.max(0, trials - waitingOn(laneId))]),
  );
}
