import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { type FaultProxy, openFaultProxy } from '../../tools/chaos/fault-proxy.ts';

/** A server that says back what it hears, behind a proxy; `heard` is what reached it. */
async function openEcho(t: TestContext) {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      heard.push(String(piece));
      socket.write(piece);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await openFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  t.after(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return { proxy, heard };
}

async function open({ port }: FaultProxy) {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  const failed = once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code);
  failed.catch(() => {});
  return { socket, failed };
}

async function echo(socket: ReturnType<typeof connect>, text: string): Promise<{ answer: string; ms: number }> {
  const startedMs = performance.now();
  socket.write(text);
  const [piece] = (await once(socket, 'data')) as [Buffer];
  return { answer: String(piece), ms: performance.now() - startedMs };
}

suite('the fault proxy', () => {
  test('passes what comes, and is late or slow when it is told to be', async (t) => {
    const { proxy } = await openEcho(t);
    const { socket } = await open(proxy);
    assert.equal((await echo(socket, 'plain')).answer, 'plain');
    proxy.set({ kind: 'latency', ms: 60 });
    assert.ok((await echo(socket, 'late')).ms >= 115);
    proxy.set({ kind: 'throttle', bytesPerSecond: 100 });
    assert.ok((await echo(socket, 'tenletters')).ms >= 195);
    socket.destroy();
  });

  test('holds everything back while it stalls, and loses nothing', async (t) => {
    const { proxy, heard } = await openEcho(t);
    const { socket } = await open(proxy);
    proxy.set({ kind: 'stall' });
    socket.write('held');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(heard, []);
    proxy.set(null);
    const [piece] = (await once(socket, 'data')) as [Buffer];
    assert.equal(String(piece), 'held');
    socket.destroy();
  });

  test('brings questions and no answers while it is half open, and the connection is dead afterwards', async (t) => {
    const { proxy, heard } = await openEcho(t);
    const { socket, failed } = await open(proxy);
    proxy.set({ kind: 'half-open' });
    const answered: unknown[] = [];
    socket.on('data', (piece) => answered.push(piece));
    socket.write('asked');
    for (const untilMs = Date.now() + 5_000; heard.length === 0 && Date.now() < untilMs;)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    proxy.set(null);
    assert.equal(await failed, 'ECONNRESET');
    assert.deepEqual([heard, answered], [['asked'], []]);
  });

  test('lets nothing pass in a black hole, and forgets the connections of that time without a word', async (t) => {
    const { proxy, heard } = await openEcho(t);
    const { socket } = await open(proxy);
    await echo(socket, 'before');
    proxy.set({ kind: 'black-hole' });
    const during = await open(proxy);
    for (const each of [socket, during.socket]) each.write('lost');
    proxy.set(null);
    const after = await open(proxy);
    assert.equal((await echo(after.socket, 'after')).answer, 'after');
    assert.deepEqual(heard, ['before', 'after']);
    assert.deepEqual(
      [socket, during.socket].map(({ readyState }) => readyState),
      ['open', 'open'],
    );
    for (const each of [socket, during.socket, after.socket]) each.destroy();
  });

  test('resets every connection when it cuts, and new ones while it refuses', async (t) => {
    const { proxy } = await openEcho(t);
    const first = await open(proxy);
    await echo(first.socket, 'alive');
    proxy.cut();
    assert.equal(await first.failed, 'ECONNRESET');
    proxy.set({ kind: 'refuse' });
    const refused = connect({ host: '127.0.0.1', port: proxy.port });
    const [error] = await once(refused, 'error');
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET');
  });
});
