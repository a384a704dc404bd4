import type { TestContext } from 'node:test';
import type { House } from './house.ts';
import { startProcess, type TestProcess } from './processes.ts';

/** Starts a service as a process of its own beside a house, on the same database, Redis and simulator. */
export function startBeside(
  t: TestContext,
  { url, redis }: House,
  service: 'worker' | 'scheduler' | 'aggregator',
  env: Record<string, string> = {},
): Promise<TestProcess> {
  return startProcess(t, {
    file: `services/${service}/src/main.ts`,
    env: {
      DATABASE_URL: url,
      REDIS_URL: redis?.url ?? '',
      LOG_LEVEL: 'info',
      CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback',
      ...env,
    },
    timeoutMs: 60_000,
  });
}

/** What came of the trials of all sweeps, against the ledger of calls. */
export async function readLedger({ pool }: House): Promise<{
  trials: number;
  outcomes: Record<string, number>;
  calls: number;
  cancelled: number;
}> {
  const { rows } = await pool.query<{
    trials: number;
    outcomes: Record<string, number>;
    calls: number;
    cancelled: number;
  }>(
    `select (select count(*)::int from trial) as trials, (select count(*)::int from attempt) as calls,
       (select count(*)::int from attempt where kind = 'cancelled') as cancelled,
       (select jsonb_object_agg(coalesce(outcome, state), n) from (select state, outcome, count(*) as n from trial group by 1, 2) o) as outcomes`,
  );
  return rows[0] as (typeof rows)[0];
}
