import type { Metrics } from './metrics.ts';

/** What a pool of connections says of itself; that of `pg` does. */
export type PoolNumbers = { totalCount: number; idleCount: number; waitingCount: number };

/** Connections of this process to Postgres, and queries that wait for one. */
export function watchPool(metrics: Metrics, pool: PoolNumbers): void {
  const connections = metrics.gauge({
    name: 'postgres_connections',
    help: 'Connections of this process to Postgres.',
    labelNames: ['state'],
    collect() {
      connections.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      connections.set({ state: 'idle' }, pool.idleCount);
      waiting.set(pool.waitingCount);
    },
  });
  const waiting = metrics.gauge({
    name: 'postgres_waiting',
    help: 'Queries of this process that wait for a connection.',
  });
}
