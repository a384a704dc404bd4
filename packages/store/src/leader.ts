import pg from 'pg';
import type { Db } from './pool.ts';

export type Leadership = {
  /** true while this process holds the lock and its connection lives */
  isLeader(): boolean;
  close(): Promise<void>;
};

/**
 * Competes for a named lock, so that of many processes one leads. The lock lives as long as its connection: a leader that dies,
 * or that Postgres no longer hears, is followed by another within `pollMs`.
 */
export function openLeadership({
  url,
  name,
  pollMs = 1_000,
}: {
  url: string;
  name: string;
  pollMs?: number;
}): Leadership {
  let client: pg.Client | null = null;
  let leads = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function drop(): Promise<void> {
    leads = false;
    const old = client;
    client = null;
    await old?.end().catch(() => {});
  }

  async function compete(): Promise<void> {
    try {
      if (!client) client = await connect();
      if (!leads) leads = await tryLock(client, name);
    } catch {
      await drop();
    }
  }

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: `crosscheck leader ${name}`,
      keepAlive: true,
    });
    fresh.on('error', () => void drop());
    await fresh.connect();
    return fresh;
  }

  async function loop(): Promise<void> {
    await compete();
    if (!closed) timer = setTimeout(() => void loop(), pollMs);
  }
  void loop();

  return {
    isLeader: () => leads,
    async close() {
      closed = true;
      clearTimeout(timer);
      await drop();
    },
  };
}

async function tryLock(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1)) as held', [
    `crosscheck leader ${name}`,
  ]);
  return rows[0]?.held ?? false;
}

/** Whether any process leads under that name now. */
export async function isLed(db: Db, name: string): Promise<boolean> {
  const { rows } = await db.query<{ led: boolean }>(
    `select exists (
       select 1 from pg_locks
       where locktype = 'advisory' and granted and objsubid = 1
         and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32 | objid::bigint) = hashtext($1)::bigint) as led`,
    [`crosscheck leader ${name}`],
  );
  return rows[0]?.led ?? false;
}
