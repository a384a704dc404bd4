import type { PrefixWarmth } from '@crosscheck/contracts';
import type { Db } from './pool.ts';

/** Makes the warmth of prefixes in Postgres: one row each, by the server's clock. */
export function makePgPrefixWarmth({ pool }: { pool: Db }): PrefixWarmth {
  return {
    async claim(key, leaseMs) {
      const { rowCount } = await pool.query(
        `insert into prefix_warmth as p (key, is_warm, until) values ($1, false, now() + $2::float8 * interval '1 millisecond')
         on conflict (key) do update set is_warm = false, until = excluded.until where p.until <= now()`,
        [key, leaseMs],
      );
      if (rowCount === 1) return 'first';
      const { rows } = await pool.query<{ is_warm: boolean }>('select is_warm from prefix_warmth where key = $1', [
        key,
      ]);
      return rows[0]?.is_warm ? 'warm' : 'claimed';
    },
    async warm(key, forMs) {
      await pool.query(
        `with gone as (delete from prefix_warmth where until < now() - interval '1 hour' and key <> $1)
         insert into prefix_warmth (key, is_warm, until) values ($1, true, now() + $2::float8 * interval '1 millisecond')
         on conflict (key) do update set is_warm = true, until = excluded.until`,
        [key, forMs],
      );
    },
    async release(key) {
      await pool.query('delete from prefix_warmth where key = $1 and not is_warm', [key]);
    },
  };
}
