import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Watches for connections that have not sent a request. Node does not count them as idle, so they would hold a closing server open until
 * its grace is over; and clients such as fetch open one in advance whenever a stream of theirs was cut.
 *
 * @returns a function that ends them, and those that still come
 */
export function watchUnusedSockets(server: Server): () => void {
  const unused = new Set<Socket>();
  let ending = false;
  server.on('connection', (socket: Socket) => {
    if (ending) return void socket.destroy();
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  return () => {
    ending = true;
    for (const socket of unused) socket.destroy();
  };
}
