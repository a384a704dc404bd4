import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const LOOK_MS = 5_000;

/**
 * Watches for connections that wait for their reader. A closing server finishes the answers that are under way; one that nobody reads would
 * hold it open until its grace is over.
 *
 * @returns a function that from then on ends each connection that is full and took nothing between two looks
 */
export function watchStalledSockets(server: Server, lookMs = LOOK_MS): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    const taken = new Map<Socket, number>();
    const look = () => {
      for (const socket of sockets) {
        if (socket.writableNeedDrain && taken.get(socket) === socket.bytesWritten) socket.destroy();
        else taken.set(socket, socket.bytesWritten);
      }
    };
    look();
    const timer = setInterval(look, lookMs).unref();
    server.once('close', () => clearInterval(timer));
  };
}
