import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeClient, ProblemError, type SweepEvent } from '../src/index.ts';
import { openWireServer, sendProblem, startEvents } from './support/wire-server.ts';

const event = (id: number, kind = 'progress') => `id: ${id}\nevent: ${kind}\ndata: {"n":${id}}\n\n`;

async function take(events: AsyncIterable<SweepEvent>, n: number): Promise<SweepEvent[]> {
  const taken: SweepEvent[] = [];
  for await (const one of events) if (taken.push(one) === n) break;
  return taken;
}

suite('events of a sweep', () => {
  test('a stream that breaks goes on after the last event that was seen', async (t) => {
    const { url, seen } = await openWireServer(t, (request, response) => {
      startEvents(response);
      const last = Number(request.headers['last-event-id'] ?? 0);
      response.write(`retry: 1\n\n${event(last + 1)}${event(last + 2)}data: {"half`, () => response.destroy());
    });
    const events = makeClient({ url, key: 'k' }).sweeps.events('s');
    assert.deepEqual(
      (await take(events, 5)).map(({ id, data }) => [id, data]),
      [1, 2, 3, 4, 5].map((n) => [String(n), { n }]),
    );
    assert.deepEqual(
      seen.map(({ headers }) => headers['last-event-id']),
      [undefined, '2', '4'],
    );
  });

  test('a reader names the event that it begins after', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => {
      startEvents(response);
      response.write(event(42));
    });
    await take(makeClient({ url, key: 'k' }).sweeps.events('s', { lastEventId: '41' }), 1);
    assert.equal(seen[0]?.headers['last-event-id'], '41');
    assert.equal(seen[0]?.headers.authorization, 'Bearer k');
  });

  test('a silent connection is taken for dead and opened again', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => {
      startEvents(response);
      response.write('retry: 1\n\n');
      if (seen.length > 1) response.write(event(1));
    });
    const events = makeClient({ url, key: 'k' }).sweeps.events('s', { silenceMsMax: 30 });
    assert.equal((await take(events, 1))[0]?.id, '1');
  });

  test('a server that has nothing more to say ends the stream', async (t) => {
    const { url } = await openWireServer(t, (_, response) => response.writeHead(204).end());
    assert.deepEqual(await Array.fromAsync(makeClient({ url, key: 'k' }).sweeps.events('s')), []);
  });

  test('a refusal is not tried again', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => sendProblem(response, 404, 'SWEEP_UNKNOWN'));
    const events = makeClient({ url, key: 'k' }).sweeps.events('s');
    await assert.rejects(take(events, 1), (error) => error instanceof ProblemError && error.code === 'SWEEP_UNKNOWN');
    assert.equal(seen.length, 1);
  });

  test('an abort ends a stream that waits', async (t) => {
    const { url } = await openWireServer(t, (_, response) => {
      startEvents(response);
      response.write(event(1));
    });
    const left = new AbortController();
    const reading = (async () => {
      for await (const _ of makeClient({ url, key: 'k' }).sweeps.events('s', { signal: left.signal })) left.abort();
    })();
    await assert.rejects(reading, { name: 'AbortError' });
  });
});
