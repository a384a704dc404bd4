import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

type Server = { url: string; adminKey: string };

export type Listeners = Disposable & {
  /** by event: when each listener had it, epoch ms */
  arrivals: ReadonlyMap<string, readonly number[]>;
  /** epoch ms */
  openedMs: number;
};

/** Follows the events of sweeps, some listeners each, and notes when what arrived. */
export function openListeners({ url, adminKey }: Server, sweeps: readonly string[], each: number): Listeners {
  const arrivals = new Map<string, number[]>();
  const note = (response: IncomingMessage): void => {
    let rest = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const nowMs = Date.now();
      const frames = `${rest}${chunk}`.split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const id = /^id: (\d+)$/m.exec(frame)?.[1];
        if (id === undefined) continue;
        const times = arrivals.get(id);
        if (times) times.push(nowMs);
        else arrivals.set(id, [nowMs]);
      }
    });
  };
  const headers = { authorization: `Bearer ${adminKey}` };
  const requests = sweeps.flatMap((id) =>
    Array.from({ length: each }, () =>
      get(`${url}/v1/sweeps/${id}/events`, { headers, agent: false }, note).on('error', () => {}),
    ),
  );
  return {
    openedMs: Date.now(),
    arrivals,
    [Symbol.dispose]: () => {
      for (const request of requests) request.destroy();
    },
  };
}

/** Asks for long answers and never reads a byte of them. */
export function openSlowReaders({ url, adminKey }: Server, paths: readonly string[]): Disposable {
  const { hostname, port } = new URL(url);
  const sockets = paths.map((path): Socket => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${adminKey}\r\n\r\n`);
    return socket;
  });
  return {
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
