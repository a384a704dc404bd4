import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite, test } from 'node:test';
import { watchUnusedSockets } from '../src/http/unused-sockets.ts';

suite('closing a server', () => {
  test('a connection that never sent a request does not hold it open, and one with a request is answered', async () => {
    const server = createServer();
    const endUnusedSockets = watchUnusedSockets(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const asked = get({ port, host: '127.0.0.1', agent: false });
    const [, response] = await once(server, 'request');

    endUnusedSockets();
    const closed = once(server.close(), 'close');
    response.end('the answer');
    const [answer] = await once(asked, 'response');
    assert.equal((await answer.toArray()).join(''), 'the answer');
    await once(silent.resume(), 'close');
    await closed;
  });
});
