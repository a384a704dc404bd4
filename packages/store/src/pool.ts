import pg from 'pg';
import { makeSilenceWatch } from './silence.ts';

/** A pool or one of its clients: a query takes either, so that its caller owns the transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;
export type Pool = pg.Pool;

export type PoolOptions = {
  url: string;
  /** shown in pg_stat_activity */
  name: string;
  /** connections at most */
  max?: number;
  /** see `makeSilenceWatch`; 10 s */
  silentMs?: number;
  /** told of connections that broke while idle; without a listener they would end the process */
  onError?: (error: Error) => void;
};

/** A connection that is quiet for this long is asked whether its other end lives, ms; Linux would wait for two hours. */
export const KEEPALIVE_MS = 5_000;
/** Postgres ends a transaction that nobody goes on with: its locks would stop others for as long as its owner is frozen or unreachable. */
const IDLE_IN_TRANSACTION_MS = 20_000;

/**
 * Opens a pool. It connects on first use: `assertReachable` says early and clearly whether there is a server. A statement may take as long as
 * it needs, and no longer than Postgres is at work on it (`makeSilenceWatch`).
 */
export function openPool({ url, name, max = 8, silentMs = 10_000, onError = () => {} }: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `crosscheck ${name}`,
    max,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
  });
  pool.on('error', onError);
  const silence = makeSilenceWatch({ url, silentMs });
  // The pool listens only to clients that are idle: one that breaks between two statements of a transaction would end the process. Its
  // next statement rejects, which is where the failure belongs.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    silence.add(client);
  });
  return pool;
}

/**
 * Runs `work` in one transaction: committed when it resolves, rolled back when it throws.
 */
export async function inTransaction<Result>(pool: Pool, work: (db: Db) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A client whose rollback fails is broken: it is closed instead of going back to the pool.
    const broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}

/** The one row of a query that always has one. */
export function only<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('a query that always answers with a row answered with none');
  return row;
}
