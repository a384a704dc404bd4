import type { Metrics } from '@crosscheck/runtime';
import { listLanes, listWorkers, type Pool, readLaneBacklogs } from '@crosscheck/store';

/** What the conveyor holds, counted in Postgres at each scrape: the same from every process, so look at one of them. */
export function observeLanes(metrics: Metrics, pool: Pool): void {
  const backlog = metrics.gauge({
    name: 'lane_trials',
    help: 'Trials that wait on a lane: planned, or given to its queue.',
    labelNames: ['lane', 'state'],
    async collect() {
      const [lanes, backlogs] = await Promise.all([listLanes(pool), readLaneBacklogs(pool)]);
      for (const { id, pausedReason } of lanes) {
        const { planned = 0, queued = 0, oldestQueuedAt = null } = backlogs.get(id) ?? {};
        backlog.set({ lane: id, state: 'planned' }, planned);
        backlog.set({ lane: id, state: 'queued' }, queued);
        age.set({ lane: id }, oldestQueuedAt ? (Date.now() - oldestQueuedAt.getTime()) / 1_000 : 0);
        paused.set({ lane: id }, pausedReason === null ? 0 : 1);
      }
      workers.set((await listWorkers(pool)).length);
    },
  });
  const age = metrics.gauge({
    name: 'lane_oldest_queued_seconds',
    help: 'Age of the oldest trial in the queue of a lane.',
    labelNames: ['lane'],
  });
  const paused = metrics.gauge({ name: 'lane_paused', help: '1 where a lane is paused.', labelNames: ['lane'] });
  const workers = metrics.gauge({ name: 'workers_alive', help: 'Workers seen lately.' });
}
