import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * latency: each piece waits `ms`. throttle: bytes a second of each connection and direction. stall: nothing moves, and all of it
 * arrives when it ends, as TCP does over a broken line. half-open: questions arrive, answers do not, and the connection is dead when it
 * ends. black-hole: nothing passes and nobody is told; connections of that time stay so for ever, as where a device on the way forgot them.
 * refuse: new connections are reset.
 */
export type Trouble =
  | { kind: 'latency'; ms: number }
  | { kind: 'throttle'; bytesPerSecond: number }
  | { kind: 'stall' }
  | { kind: 'half-open' }
  | { kind: 'black-hole' }
  | { kind: 'refuse' };

export type FaultProxy = AsyncDisposable & {
  port: number;
  /** from now on, on all connections; null heals */
  set: (trouble: Trouble | null) => void;
  /** resets every connection */
  cut: () => void;
};

type Way = 'question' | 'answer';
type Link = { client: Socket; server: Socket; isDead: boolean; isForgotten: boolean };

/** A TCP proxy on a free port of 127.0.0.1 that spoils what passes through it. */
export async function openFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const links = new Set<Link>();
  let trouble: Trouble | null = null;
  let changed = Promise.withResolvers<void>();

  /** Resolves when a piece may go on; false when it is lost. */
  async function pass(link: Link, way: Way, bytes: number): Promise<boolean> {
    while (trouble?.kind === 'stall') await changed.promise;
    if (link.isForgotten) return false;
    if (trouble?.kind === 'latency') await sleep(trouble.ms);
    if (trouble?.kind === 'throttle') await sleep((bytes / trouble.bytesPerSecond) * 1_000);
    if (trouble?.kind === 'half-open' && way === 'answer') link.isDead = true;
    return !(link.isDead && way === 'answer');
  }

  async function pump(link: Link, way: Way): Promise<void> {
    const [from, to] = way === 'question' ? [link.client, link.server] : [link.server, link.client];
    for await (const piece of from as AsyncIterable<Buffer>) {
      if (!(await pass(link, way, piece.length))) continue;
      // A side that is gone takes nothing any more, and would be waited for for ever.
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    if (!link.isForgotten) to.end();
  }

  function reset(link: Link): void {
    links.delete(link);
    for (const socket of [link.client, link.server]) socket.resetAndDestroy();
  }

  const proxy = createServer({ noDelay: true }, (client) => {
    client.on('error', () => {});
    if (trouble?.kind === 'refuse') return void client.resetAndDestroy();
    const server = connect({ ...target, noDelay: true });
    server.on('error', () => {});
    const link: Link = { client, server, isDead: false, isForgotten: trouble?.kind === 'black-hole' };
    links.add(link);
    // A side that broke breaks the other, as without a proxy between them.
    Promise.all([pump(link, 'question'), pump(link, 'answer')]).catch(() => link.isForgotten || reset(link));
    for (const socket of [client, server])
      socket.once('close', () => client.destroyed && server.destroyed && links.delete(link));
  });
  proxy.listen({ host: '127.0.0.1', port: 0 });
  await once(proxy, 'listening');

  return {
    port: (proxy.address() as AddressInfo).port,
    set(next) {
      trouble = next;
      if (next?.kind === 'black-hole') for (const link of links) link.isForgotten = true;
      changed.resolve();
      changed = Promise.withResolvers();
      if (next === null) for (const link of links) if (link.isDead) reset(link);
    },
    cut() {
      for (const link of links) reset(link);
    },
    async [Symbol.asyncDispose]() {
      trouble = null;
      changed.resolve();
      for (const link of links) reset(link);
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
