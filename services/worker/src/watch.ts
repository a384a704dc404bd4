import type { ModelClient, Provider } from '@crosscheck/contracts';
import type { LaneGate } from '@crosscheck/limiter';
import type { Metrics } from '@crosscheck/runtime';
import type { NewAttempt, Recorder, TrialToRun } from '@crosscheck/store';
import type { AskModel } from './ask-model.ts';
import type { RunTrial } from './run-trial.ts';

/** Looks at what passes: each is put around a part of a worker, which knows nothing of it. */
export type WorkerWatch = {
  run(run: RunTrial): RunTrial;
  /** told which trial a claim turned out to be */
  read(trial: TrialToRun): void;
  client(client: ModelClient, provider: Provider): ModelClient;
  ask(ask: AskModel): AskModel;
  gate(gate: LaneGate): LaneGate;
  recorder(recorder: Recorder): Recorder;
  /** told of each job of a lane that was found without its worker */
  stalled(laneId: string): void;
  /** told of each batch that was committed */
  commit(batch: { records: number; ms: number }): void;
};

const CALL_BUCKETS_S = [0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 600];
const WAIT_BUCKETS_S = [0.005, 0.05, 0.25, 1, 2, 5, 10, 20, 30];
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100];
const COMMIT_BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Puts numbers of what passes under /metrics. Labels are lanes, call codes and outcomes: all of a number that operators set or the code fixes. Never sweeps or trials. */
export function makeWorkerWatch(metrics: Metrics): WorkerWatch {
  const call = callMetrics(metrics);
  const wait = metrics.histogram({
    name: 'lane_wait_seconds',
    help: 'How long a call waited before its lane let it start.',
    labelNames: ['lane'],
    buckets: WAIT_BUCKETS_S,
  });
  const turnedAway = metrics.counter({
    name: 'lane_turned_away_total',
    help: 'Calls that found no place within the time that a slot may wait, by what was short.',
    labelNames: ['lane', 'binds'],
  });
  const settled = metrics.counter({
    name: 'trials_settled_total',
    help: 'Trials that this worker settled, by outcome.',
    labelNames: ['outcome'],
  });
  const handedBack = metrics.counter({
    name: 'trials_handed_back_total',
    help: 'Trials that this worker gave back to be run again.',
  });
  const stalled = metrics.counter({
    name: 'jobs_stalled_total',
    help: 'Jobs that this worker found to belong to one that does not answer any more.',
    labelNames: ['lane'],
  });
  const size = metrics.histogram({
    name: 'record_batch_trials',
    help: 'Records in one commit.',
    buckets: BATCH_BUCKETS,
  });
  const commitTime = metrics.histogram({
    name: 'record_commit_seconds',
    help: 'Time of one commit of records, waits for Postgres included.',
    buckets: COMMIT_BUCKETS_S,
  });

  return {
    ...UNWATCHED,
    ask: (ask) => async (question, signal) => {
      const asked = await ask(question, signal);
      call(asked.attempt);
      return asked;
    },
    gate: (gate) => ({
      ...gate,
      async enter(lane, estimate, signal) {
        const sinceMs = performance.now();
        const entry = await gate.enter(lane, estimate, signal);
        if (entry.kind === 'entered') wait.observe({ lane: lane.id }, (performance.now() - sinceMs) / 1_000);
        else if (entry.kind === 'later') turnedAway.inc({ lane: lane.id, binds: entry.binds });
        return entry;
      },
    }),
    recorder: (recorder) => ({
      ...recorder,
      async record(record) {
        await recorder.record(record);
        if (record.to.state === 'settled') settled.inc({ outcome: record.to.outcome });
        else if (record.to.state === 'planned') handedBack.inc();
      },
    }),
    stalled: (lane) => stalled.inc({ lane }),
    commit({ records, ms }) {
      size.observe(records);
      commitTime.observe(ms / 1_000);
    },
  };
}

function callMetrics(metrics: Metrics): (attempt: NewAttempt) => void {
  const calls = metrics.counter({
    name: 'calls_total',
    help: 'Calls to models that ended, by how.',
    labelNames: ['lane', 'purpose', 'code'],
  });
  const duration = metrics.histogram({
    name: 'call_duration_seconds',
    help: 'Time of one call, from its start to its last byte.',
    labelNames: ['lane'],
    buckets: CALL_BUCKETS_S,
  });
  const tokens = metrics.counter({
    name: 'call_tokens_total',
    help: 'Tokens that providers counted.',
    labelNames: ['lane', 'kind'],
  });
  const cost = metrics.counter({
    name: 'call_cost_usd_total',
    help: 'What calls cost, in USD; exact amounts are in the ledger.',
    labelNames: ['lane'],
  });

  return function called({ laneId: lane, grader, code, latencyMs, usage, costPicoUsd }) {
    calls.inc({ lane, purpose: grader === null ? 'subject' : 'judge', code });
    duration.observe({ lane }, latencyMs / 1_000);
    cost.inc({ lane }, Number(costPicoUsd) / 1e12);
    if (!usage) return;
    tokens.inc({ lane, kind: 'input' }, usage.uncached);
    tokens.inc({ lane, kind: 'cache_write' }, usage.cacheWrite5m + usage.cacheWrite1h);
    tokens.inc({ lane, kind: 'cache_read' }, usage.cacheRead);
    tokens.inc({ lane, kind: 'output' }, usage.output);
  };
}

/** Sees nothing: for tests and for whoever does not ask. */
export const UNWATCHED: WorkerWatch = {
  run: (run) => run,
  read() {},
  client: (client) => client,
  ask: (ask) => ask,
  gate: (gate) => gate,
  recorder: (recorder) => recorder,
  stalled() {},
  commit() {},
};

/** Both see what passes, the second from the outside. */
export function watchBoth(inner: WorkerWatch, outer: WorkerWatch): WorkerWatch {
  return {
    run: (run) => outer.run(inner.run(run)),
    read(trial) {
      inner.read(trial);
      outer.read(trial);
    },
    client: (client, provider) => outer.client(inner.client(client, provider), provider),
    ask: (ask) => outer.ask(inner.ask(ask)),
    gate: (gate) => outer.gate(inner.gate(gate)),
    recorder: (recorder) => outer.recorder(inner.recorder(recorder)),
    stalled(laneId) {
      inner.stalled(laneId);
      outer.stalled(laneId);
    },
    commit(batch) {
      inner.commit(batch);
      outer.commit(batch);
    },
  };
}
