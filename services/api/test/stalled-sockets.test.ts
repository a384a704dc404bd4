import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { watchStalledSockets } from '../src/http/stalled-sockets.ts';

const CHUNK = 'x'.repeat(1_000_000);
const LONG = 30;

suite('closing a server', () => {
  test('an answer that nobody reads does not hold it open, and one that is read is finished', async () => {
    const answers: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      answers.push(response);
      let left = LONG;
      const send = (): void => {
        if (left-- === 0) response.end();
        else if (response.write(CHUNK)) setImmediate(send);
        else response.once('drain', send);
      };
      send();
    });
    const endStalled = watchStalledSockets(server, 2_000);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const deaf = connect(port, '127.0.0.1').on('error', () => {});
    deaf.pause().write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    await until('the connection is full', () => answers[0]?.socket?.writableNeedDrain);

    const read = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
    const { body } = await read;
    const closed = once(server.close(), 'close');
    endStalled();
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += chunk.length;
    assert.equal(bytes, LONG * CHUNK.length);
    await closed;
    deaf.destroy();
  });
});
