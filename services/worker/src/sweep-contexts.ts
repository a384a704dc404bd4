import type { ResolvedSweep, SweepState } from '@crosscheck/contracts';
import { fingerprintCondition, fingerprintOf } from '@crosscheck/experiment';
import { type ActiveGrader, makeGrader } from '@crosscheck/graders';
import { type Pool, readSweep, readSweepLanes, type SweepLanes } from '@crosscheck/store';

/** A sweep as a worker keeps it: what all of its trials share. */
export type SweepContext = {
  id: string;
  spec: ResolvedSweep;
  specHash: string;
  lanes: SweepLanes;
  graders: ActiveGrader[];
  /** hash of what each condition sends, by its ordinal: part of a sample's key */
  requestHashes: string[];
  state: SweepState;
  /** aborted when the sweep is cancelled or paused: its calls in flight end */
  signal: AbortSignal;
};

export type SweepContexts = {
  /** @param specHash of the sweep as it is now: one that was given other graders since is read again */
  get(sweepId: string, specHash: string): Promise<SweepContext | null>;
  /** Looks at a sweep's state again; ends its calls when it no longer runs. */
  refresh(sweepId: string): Promise<void>;
  refreshAll(): Promise<void>;
};

type Entry = SweepContext & { controller: AbortController };

/** Sweeps kept at most; the least lately used goes first. */
const KEPT_MAX = 200;

export function makeSweepContexts({ pool }: { pool: Pool }): SweepContexts {
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<Entry | null>>();

  async function load(sweepId: string): Promise<Entry | null> {
    const [sweep, lanes] = await Promise.all([readSweep(pool, null, sweepId), readSweepLanes(pool, sweepId)]);
    if (!sweep) return null;
    const { spec, specHash, state } = sweep;
    const controller = new AbortController();
    const entry: Entry = {
      id: sweepId,
      spec,
      specHash,
      lanes,
      state,
      graders: spec.graders.map((grader) => makeGrader(grader, { fingerprint: fingerprintOf })),
      requestHashes: spec.conditions.map(
        (condition) => fingerprintCondition({ condition, sampling: spec.sampling }).request,
      ),
      controller,
      signal: controller.signal,
    };
    entries.set(sweepId, entry);
    if (entries.size > KEPT_MAX) entries.delete(entries.keys().next().value as string);
    return entry;
  }

  /** A sweep that left `running` ends its calls; one that came back gets a fresh signal. */
  function follow(entry: Entry, state: SweepState): void {
    if (state === entry.state) return;
    entry.state = state;
    if (state === 'running') {
      entry.controller = new AbortController();
      entry.signal = entry.controller.signal;
    } else entry.controller.abort(new Error(`the sweep is ${state}`));
  }

  return {
    async get(sweepId, specHash) {
      const known = entries.get(sweepId);
      if (known?.specHash === specHash) return known;
      const pending = loading.get(sweepId) ?? load(sweepId).finally(() => loading.delete(sweepId));
      loading.set(sweepId, pending);
      return pending;
    },
    async refresh(sweepId) {
      const entry = entries.get(sweepId);
      if (!entry) return;
      const sweep = await readSweep(pool, null, sweepId);
      if (sweep) follow(entry, sweep.state);
      else entries.delete(sweepId);
    },
    async refreshAll() {
      const { rows } = await pool.query<{ id: string; state: SweepState }>(
        'select id, state from sweep where id = any ($1::uuid[])',
        [[...entries.keys()]],
      );
      const states = new Map(rows.map(({ id, state }) => [id, state]));
      for (const [id, entry] of entries) {
        const state = states.get(id);
        if (state) follow(entry, state);
        else entries.delete(id);
      }
    },
  };
}
