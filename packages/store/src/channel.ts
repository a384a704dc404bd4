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

/** Listens on one connection of its own and comes back when that breaks. */
export function subscribe({
  url,
  channel,
  onMessage,
  retryMs = 1_000,
}: {
  url: string;
  channel: Channel;
  onMessage: (message: string) => void;
  retryMs?: number;
}): Subscription {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: `crosscheck listen ${channel}`,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
    });
    client = fresh;
    const again = () => {
      if (client !== fresh || closed) return;
      client = null;
      timer = setTimeout(() => void connect(), retryMs);
    };
    fresh.on('error', again);
    fresh.on('end', again);
    fresh.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNELS[channel]}`);
    } catch {
      again();
    }
  }
  void connect();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
