import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { readSse, type SseMessage } from '../src/sse.ts';

async function* bytesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function read(...texts: string[]): Promise<SseMessage[]> {
  return Array.fromAsync(readSse(bytesOf(texts.map((text) => new TextEncoder().encode(text)))).messages);
}

suite('reading server-sent events', () => {
  test('an event has the last id that was named, its kind and its lines of data', async () => {
    assert.deepEqual(await read('id: 7\nevent: progress\ndata: a\ndata: b\n\ndata: c\n\n'), [
      { id: '7', event: 'progress', data: 'a\nb' },
      { id: '7', event: 'message', data: 'c' },
    ]);
  });

  test('comments, unknown fields and events without data say nothing', async () => {
    assert.deepEqual(await read(': heartbeat\n\nevent: progress\n\nwhat: ever\ndata:x\n\n'), [
      { id: null, event: 'message', data: 'x' },
    ]);
  });

  test('an event that the stream did not finish is dropped', async () => {
    assert.deepEqual(await read('data: whole\n\ndata: half'), [{ id: null, event: 'message', data: 'whole' }]);
  });

  test('the delay that the stream asks for is kept', async () => {
    const reader = readSse(bytesOf([new TextEncoder().encode('retry: 40\nretry: soon\ndata: x\n\n')]));
    await Array.fromAsync(reader.messages);
    assert.equal(reader.retryMs, 40);
  });

  test('however the bytes are cut and whichever line ends are used, the events are the same', async () => {
    const whole = 'id: 1\nevent: é\ndata: 😀\n\n: beat\ndata: x\ndata:\n\nid: 2\ndata: last\n\n';
    const expected = await read(whole);
    assert.equal(expected.length, 3);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(80)), async (end, cuts) => {
        const bytes = new TextEncoder().encode(whole.replaceAll('\n', end));
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        assert.deepEqual(await Array.fromAsync(readSse(bytesOf(pieces)).messages), expected);
      }),
      { numRuns: 200 },
    );
  });
});
