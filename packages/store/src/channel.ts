import pg from 'pg';
import { type Db, KEEPALIVE_MS } from './pool.ts';

/** What is announced between processes. A message only makes things faster: every reader also looks by itself. */
export const CHANNELS = { sweeps: 'crosscheck_sweeps', keys: 'crosscheck_keys' } as const;
export type Channel = keyof typeof CHANNELS;

/** Says that a sweep or a key, named by `message`, changed; delivered when the caller's transaction commits. */
export async function announce(db: Db, channel: Channel, message: string): Promise<void> {
  await db.query('select pg_notify($1, $2)', [CHANNELS[channel], message]);
}

export type Subscription = { close(): Promise<void> };

const ANSWER_MS = 5_000;

/**
 * Listens on one connection of its own and comes back when that breaks. Who only listens never learns that the way to Postgres forgot the
 * connection: so it asks now and then.
 */
export function subscribe({
  url,
  channel,
  onMessage,
  retryMs = 1_000,
  askEveryMs = 15_000,
}: {
  url: string;
  channel: Channel;
  onMessage: (message: string) => void;
  retryMs?: number;
  askEveryMs?: number;
}): Subscription {
  let closed = false;
  let client: pg.Client | null = null;
  /** the same, while nothing is asked on it */
  let idle: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  function replace(lost: pg.Client): void {
    if (client !== lost || closed) return;
    client = null;
    // Not waited for: where the other end is gone, nobody would answer.
    lost.end().catch(() => {});
    timer = setTimeout(() => void connect(), retryMs);
  }

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: `crosscheck listen ${channel}`,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    });
    client = fresh;
    idle = null;
    fresh.on('error', () => replace(fresh));
    fresh.on('end', () => replace(fresh));
    fresh.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNELS[channel]}`);
      idle = fresh;
    } catch {
      replace(fresh);
    }
  }

  async function ask(): Promise<void> {
    const asked = idle;
    idle = null;
    try {
      await asked?.query('select');
      idle ??= asked;
    } catch {
      if (asked) replace(asked);
    }
  }
  void connect();
  const asking = setInterval(() => void ask(), askEveryMs).unref();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(asking);
      client?.end().catch(() => {});
    },
  };
}
