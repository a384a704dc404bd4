import pg from 'pg';

export type SilenceWatch = {
  /** Watches a connection until it ends. */
  add: (client: pg.ClientBase) => void;
};

/** Looks that must agree: an answer may be on its way while the first of them is made. */
const LOOKS = 2;
/** Not shorter, for a machine under load answers late and must not be taken for one that is gone, ms. */
const PROBE_MS = 5_000;

type Watched = {
  pid: number;
  socket: Socket;
  /** bytes that were sent when the server last said that it waits for the next statement */
  sentAtRest: number;
  read: number;
  quietSinceMs: number;
  lost: number;
};
type Socket = { bytesRead: number; bytesWritten: number; destroy: (error: Error) => void };
/** What pg does not declare of its clients: the id of the server's process, and the socket. */
type Inside = { processID: number; connection: NodeJS.EventEmitter & { stream: Socket } };

/**
 * Ends connections that Postgres no longer knows of, or cannot be reached on. TCP alone would wait for such an answer for a quarter of an
 * hour, or for ever where a device on the way forgot the connection; each would take one place of the pool with it.
 *
 * No limit on the time of a statement is needed for it, because a statement that takes long looks different: a second connection finds it
 * running, and so is one whose answer nobody reads on. What was asked on a connection that is ended rejects, as on any connection that
 * breaks: it may have been done or not.
 */
export function makeSilenceWatch({ url, silentMs }: { url: string; silentMs: number }): SilenceWatch {
  const halfMs = silentMs / 2;
  const clients = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  async function look(): Promise<void> {
    const nowMs = performance.now();
    const silent: Watched[] = [];
    for (const client of clients) {
      const { bytesRead, bytesWritten } = client.socket;
      if (bytesRead !== client.read || bytesWritten === client.sentAtRest)
        Object.assign(client, { read: bytesRead, quietSinceMs: nowMs, lost: 0 });
      else if (nowMs - client.quietSinceMs >= silentMs) silent.push(client);
    }
    if (silent.length === 0) return;
    const pids = silent.map(({ pid }) => pid);
    const running = await findRunning({ url, pids });
    for (const client of silent) judge(client, running);
  }

  function judge(client: Watched, running: ReadonlySet<number> | null): void {
    if (client.socket.bytesRead !== client.read || running?.has(client.pid)) return;
    client.lost += 1;
    if (client.lost < LOOKS) return;
    client.socket.destroy(new Error('Postgres is not at work on what this connection asked, and no answer came'));
  }

  async function next(): Promise<void> {
    if (looking) return;
    looking = true;
    await look().finally(() => (looking = false));
  }

  return {
    add(client) {
      const { processID: pid, connection } = client as unknown as Inside;
      const { stream: socket } = connection;
      const watched = {
        pid,
        socket,
        sentAtRest: socket.bytesWritten,
        read: socket.bytesRead,
        quietSinceMs: performance.now(),
        lost: 0,
      };
      // Before pg's own listener, which may send the next statement at once.
      connection.prependListener('readyForQuery', () => (watched.sentAtRest = socket.bytesWritten));
      clients.add(watched);
      timer ??= setInterval(() => void next(), halfMs).unref();
      client.once('end', () => {
        clients.delete(watched);
        if (clients.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
}

/** Which of these server processes are at work; null when nothing answers. A server that answers with a refusal is taken to work. */
async function findRunning({ url, pids }: { url: string; pids: number[] }): Promise<ReadonlySet<number> | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'crosscheck probe',
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where pid = any ($1::int[]) and state not like 'idle%'`,
      [pids],
    );
    return new Set(rows.map(({ pid }) => pid));
  } catch (error) {
    return isRefusal(error) ? new Set(pids) : null;
  } finally {
    // Not waited for: where the other end is gone, nobody would answer.
    client.end().catch(() => {});
  }
}

/** Whether the server itself said it, with one of its five-letter codes: too many connections, for example. */
const isRefusal = (error: unknown): boolean => /^[0-9A-Z]{5}$/.test(String((error as { code?: string }).code));
