import { hostname } from 'node:os';
import pg from 'pg';
import { type Db, KEEPALIVE_MS, only } from './pool.ts';

export type Leadership = {
  /** True while this process holds the lock, and has heard so from Postgres lately enough that nobody can have taken it over. */
  isLeader(): boolean;
  /** Tells of a finished round, for those who look whether the leader works; `worked`: there was something to do. */
  passed(round: { worked: boolean }): void;
  close(): Promise<void>;
};

type Log = { info(fields: object, message: string): void; warn(fields: object, message: string): void };
export type LeadershipOptions = {
  url: string;
  name: string;
  /** of this process alone; a pool named `<name> <tag>` is ended with the lead, so that a thawed leader finishes nothing it began */
  tag: string;
  log?: Log;
  pollMs?: number;
};

/** Without a word from Postgres for this long a leader stops by itself, ms; less than what the others wait. */
const LEASE_MS = 5_000;
/** A leader that says nothing for this long has lost the lead, ms: a frozen process keeps its lock for ever. */
const PATIENCE_MS = 6_000;
/** Who did not look for this long has not seen that the leader was silent, ms: it may have been away itself. */
const GAP_MS = 3_000;
/** A statement on a connection whose other end is gone would wait for a quarter of an hour. */
const STATEMENT_MS = 4_000;

/**
 * Competes for a named lock, so that of many processes one leads. The lock lives as long as its connection: a leader that dies is followed
 * within `pollMs`. A leader that is frozen, or cut off from Postgres, keeps its lock and renews no more: whoever watches that for
 * `PATIENCE_MS` ends its connections and follows. No two clocks are compared: each side counts its own time, and the leader gives up first.
 */
export function openLeadership({ url, name, tag, log, pollMs = 1_000 }: LeadershipOptions): Leadership {
  const holder = `${hostname()}-${process.pid}-${tag}`;
  let client: pg.Client | null = null;
  let term: string | null = null;
  let heardMs = -Infinity;
  let rounds: Rounds = { passed: false, worked: false };
  let watched: Watched | null = null;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function drop(): void {
    const old = client;
    [client, term] = [null, null];
    // Not waited for: where the other end is gone, nobody would answer.
    old?.end().catch(() => {});
  }

  async function compete(): Promise<void> {
    const askedMs = performance.now();
    try {
      client ??= await connect();
      if (term !== null) await renew(client, term);
      else if (await tryLock(client, name)) await begin(client);
      else await watch(client);
      heardMs = askedMs;
    } catch {
      drop();
    }
  }

  async function renew(db: pg.Client, mine: string): Promise<void> {
    const said = rounds;
    rounds = { passed: false, worked: false };
    if (await renewTerm(db, name, mine, said)) return;
    log?.warn({ name, term: mine }, 'another leads');
    drop();
  }

  async function begin(db: pg.Client): Promise<void> {
    term = await beginTerm(db, name, holder);
    log?.info({ name, term }, 'leads');
  }

  /** Sees that the leader is silent, and takes the lock from it: the next round then gets it. */
  async function watch(db: pg.Client): Promise<void> {
    const [nowMs, said] = [performance.now(), await readSaid(db, name)];
    const isNew = watched === null || watched.said !== said || nowMs - watched.lookedMs > GAP_MS;
    watched = { said, sinceMs: isNew || watched === null ? nowMs : watched.sinceMs, lookedMs: nowMs };
    if (nowMs - watched.sinceMs < PATIENCE_MS) return;
    watched = null;
    log?.warn({ name, silentMs: PATIENCE_MS }, 'the leader is silent: its lock is taken away');
    await endHolder(db, name);
    if (await tryLock(db, name)) await begin(db);
  }

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: `crosscheck leader ${name}`,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
      connectionTimeoutMillis: STATEMENT_MS,
      query_timeout: STATEMENT_MS,
    });
    fresh.on('error', () => {
      if (client === fresh) drop();
    });
    await fresh.connect();
    return fresh;
  }

  async function loop(): Promise<void> {
    await compete();
    if (closed) drop();
    else timer = setTimeout(next, pollMs);
  }
  function next(): void {
    running = loop();
  }
  let running = loop();

  return {
    isLeader: () => term !== null && performance.now() - heardMs < LEASE_MS,
    passed({ worked }) {
      rounds = { passed: true, worked: rounds.worked || worked };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
      drop();
    },
  };
}

type Rounds = { passed: boolean; worked: boolean };
type Watched = { said: string; sinceMs: number; lookedMs: number };

const lockOf = (name: string): string => `crosscheck leader ${name}`;

async function tryLock(db: Db, name: string): Promise<boolean> {
  const { rows } = await db.query<{ held: boolean }>('select pg_try_advisory_lock(hashtext($1)) as held', [
    lockOf(name),
  ]);
  return only(rows).held;
}

async function beginTerm(db: Db, name: string, holder: string): Promise<string> {
  const { rows } = await db.query<{ term: string }>(
    `insert into leader (name, holder) values ($1, $2)
     on conflict (name) do update set term = leader.term + 1, holder = excluded.holder, since = now(), seen_at = now(), passed_at = null
     returning term::text`,
    [name, holder],
  );
  return only(rows).term;
}

async function renewTerm(db: Db, name: string, term: string, { passed, worked }: Rounds): Promise<boolean> {
  const { rowCount } = await db.query(
    `update leader set seen_at = now(), passed_at = case when $3 then now() else passed_at end,
       worked_at = case when $4 then now() else worked_at end where name = $1 and term = $2`,
    [name, term, passed, worked],
  );
  return rowCount === 1;
}

async function readSaid(db: Db, name: string): Promise<string> {
  const { rows } = await db.query<{ said: string }>(
    `select term || ' ' || seen_at as said from leader where name = $1`,
    [name],
  );
  return rows[0]?.said ?? '';
}

const HOLDERS = `
  select pid from pg_locks
  where locktype = 'advisory' and granted and objsubid = 1 and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32 | objid::bigint) = hashtext($1)::bigint`;

/** Ends the connection that holds the lock, and those of its process's pool; a role may do that to its own. */
async function endHolder(db: Db, name: string): Promise<void> {
  const ofPool = `select a.pid from pg_stat_activity a join leader l on l.name = $2
    where a.application_name = 'crosscheck ' || l.name || ' ' || substring(l.holder from '[^-]*$')`;
  await db.query(`select pg_terminate_backend(pid, 1000) from (${HOLDERS} union ${ofPool}) held`, [lockOf(name), name]);
}

/** A leader as it said of itself, with ages by the clock of Postgres, ms; null where something never was. */
export type LeaderRow = {
  name: string;
  holder: string;
  /** raised by each change of leader */
  term: number;
  since: Date;
  seenAt: Date;
  silentMs: number;
  /** since it finished a round; since it began to lead when it never did */
  sincePassMs: number;
  sinceWorkMs: number | null;
  workedAt: Date | null;
};

export async function readLeader(db: Db, name: string): Promise<LeaderRow | null> {
  const { rows } = await db.query<LeaderRow>(
    `select name, holder, term::float8 as term, since, seen_at as "seenAt", worked_at as "workedAt", ${ageMs('seen_at')} as "silentMs",
       ${ageMs('coalesce(passed_at, since)')} as "sincePassMs", ${ageMs('worked_at')} as "sinceWorkMs"
     from leader where name = $1`,
    [name],
  );
  return rows[0] ?? null;
}

const ageMs = (column: string): string => `(extract(epoch from clock_timestamp() - ${column}) * 1000)::float8`;
