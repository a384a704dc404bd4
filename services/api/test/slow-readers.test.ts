import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import type { Pool } from '@crosscheck/store';
import { until } from '../../../test/support/until.ts';
import { goodSweep, openApi, type TestTeam } from './support/api.ts';
import { importAnswers } from './support/import-answers.ts';

/** 30 MB in all: more than the buffers of a connection on this machine take. */
const TRIALS = 1_000;
const ANSWER_BYTES = 30_000;
/** What the kernel may take of a connection that nobody reads. */
const SENT_BYTES_MAX = 20_000_000;
/** What may wait in this process for one connection. */
const WAITING_BYTES_MAX = 300_000;
/** 24 MB of events. */
const EVENT_BYTES = 100_000;
const EVENT_BATCHES = 12;
const READERS = 12;
const FORMATS = ['ndjson', 'csv'];

type Ground = { port: number; pool: Pool; red: TestTeam; sweep: string; sockets: Set<Socket> };

async function open(t: TestContext, stalledMs?: number): Promise<Ground> {
  const { app, pool, team } = await openApi(t, stalledMs === undefined ? {} : { stalledMs });
  const red = await team('red');
  const answers = Array.from({ length: TRIALS / 2 }, () => 'c');
  const sweep = await importAnswers(red, { free: answers, paid: answers }, { response: 'x'.repeat(ANSWER_BYTES) });
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: (app.server.address() as AddressInfo).port, pool, red, sweep, sockets };
}

/** Asks, and never reads a byte of the answer. */
async function askAndIgnore({ port, red }: Pick<Ground, 'port' | 'red'>, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${red.key}\r\n\r\n`);
  return socket;
}

suite('a reader who never reads on', () => {
  test('of exports holds no connection of the database, and makes the server read no more than a page ahead', async (t) => {
    const ground = await open(t);
    const { pool, red, sockets, sweep } = ground;
    // They go before the server is closed: it waits for answers that are under way.
    using gone = new DisposableStack();
    const readers = await Promise.all(
      Array.from({ length: READERS }, (_, index) =>
        askAndIgnore(ground, `/v1/sweeps/${sweep}/export?format=${FORMATS[index % FORMATS.length]}`),
      ),
    );
    for (const socket of readers) gone.defer(() => socket.destroy());
    // Node says itself when a connection takes no more.
    await until(
      'every connection is full',
      () => [...sockets].filter(({ writableNeedDrain }) => writableNeedDrain).length === readers.length,
    );
    await until('no connection is taken', () => pool.idleCount === pool.totalCount);
    const pages = countPages(pool);
    for (const { bytesWritten, writableLength } of sockets) {
      assert.ok(bytesWritten + writableLength < SENT_BYTES_MAX, `${bytesWritten} bytes were sent`);
      assert.ok(writableLength <= WAITING_BYTES_MAX, `${writableLength} bytes wait`);
    }

    const others = await Promise.all(Array.from({ length: 20 }, () => red.get(`/v1/sweeps/${sweep}`)));
    assert.deepEqual(new Set(others.map(({ statusCode }) => statusCode)), new Set([200]));
    assert.equal(pages(), 0, 'nothing more was read for those who do not read');
  });

  test('of events keeps no more of them here than one who listens', async (t) => {
    const { app, pool, team } = await openApi(t);
    const red = await team('red');
    const sweep = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>().id;
    const sockets = new Set<Socket>();
    app.server.on('connection', (socket: Socket) => sockets.add(socket));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    using gone = new DisposableStack();
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => askAndIgnore({ port, red }, `/v1/sweeps/${sweep}/events`)),
    );
    for (const socket of readers) gone.defer(() => socket.destroy());
    await until('all are there', () => [...sockets].filter(({ bytesWritten }) => bytesWritten > 0).length === READERS);

    for (let batch = 0; batch < EVENT_BATCHES; batch += 1) {
      await pool.query(
        `insert into event (sweep_id, kind, data) select $1, 'metrics', jsonb_build_object('filling', repeat('x', $2)) from generate_series(1, 20)`,
        [sweep, EVENT_BYTES],
      );
    }
    await until('every connection is full', () => [...sockets].every(({ writableNeedDrain }) => writableNeedDrain));
    // One who listens gets them all meanwhile.
    const listener = await fetch(`http://127.0.0.1:${port}/v1/sweeps/${sweep}/events`, {
      headers: { authorization: `Bearer ${red.key}`, 'last-event-id': '0' },
    });
    let seen = 0;
    for await (const chunk of listener.body ?? []) {
      seen += chunk.length;
      if (seen > EVENT_BATCHES * 20 * EVENT_BYTES) break;
    }
    for (const { bytesWritten, writableLength } of sockets) {
      assert.ok(
        bytesWritten + writableLength < SENT_BYTES_MAX || writableLength === 0,
        `${bytesWritten} bytes were sent`,
      );
      assert.ok(writableLength <= WAITING_BYTES_MAX, `${writableLength} bytes wait`);
    }
  });

  test('is let go after a while', async (t) => {
    const ground = await open(t, 1_000);
    const { sockets, sweep } = ground;
    await askAndIgnore(ground, `/v1/sweeps/${sweep}/export`);
    await until('the reader is there', () => sockets.size === 1);
    await until('the reader is let go', () => sockets.size === 0);
  });
});

/** Counts the pages of exports that are read from now on. */
function countPages(pool: Pool): () => number {
  let pages = 0;
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  pool.query = ((...given: unknown[]) => {
    if (String(given[0]).includes('bytes_before')) pages += 1;
    return query(...given);
  }) as Pool['query'];
  return () => pages;
}
