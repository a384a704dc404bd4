import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueueBackend } from '@crosscheck/queue';
import type { Logger } from '@crosscheck/runtime';
import { migrate } from '@crosscheck/store';

/** Something outside of us is not as it should be. The message says what to do, and needs no stack trace. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

const READY_WITHIN_MS = 60_000;

/** @throws StackError when the port is taken, before anything is started */
export async function assertPortFree({ host, port }: { host: string; port: number }): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    if (codeOf(cause) === 'EADDRINUSE') {
      const way = 'stop what listens there, or choose another by CROSSCHECK_PORT (0 takes a free one)';
      throw new StackError(`port ${port} on ${host} is taken: ${way}`, { cause });
    }
    const where = `${host} port ${port} (${codeOf(cause)})`;
    throw new StackError(`cannot listen on ${where}: see CROSSCHECK_HOST and CROSSCHECK_PORT`, { cause });
  } finally {
    server.close();
  }
}

/**
 * Brings our tables and the queue's to this build. It is also the first look at both servers: a wrong address is told here, once,
 * and not by five processes.
 *
 * @throws StackError, or CrosscheckError QUEUE_UNREACHABLE
 */
export async function prepareServers(
  { databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string | null },
  log: Logger,
): Promise<void> {
  try {
    await migrate({ url: databaseUrl });
  } catch (cause) {
    if (!/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET)/.test(codeOf(cause))) throw cause;
    const where = `${new URL(databaseUrl).host} does not answer (${codeOf(cause)})`;
    throw new StackError(`Postgres at ${where}: start it, correct DATABASE_URL, or unset it for the embedded one`, {
      cause,
    });
  }
  const queue = await openQueueBackend({ redisUrl, databaseUrl, log });
  await queue.close();
}

/** @throws StackError with the last answer when `/readyz` does not become 200 within a minute */
export async function untilReady(url: string): Promise<void> {
  let last = 'no answer';
  for (const untilMs = Date.now() + READY_WITHIN_MS; Date.now() < untilMs; await sleep(100)) {
    const response = await fetch(`${url}/readyz`).catch(() => null);
    if (response?.status === 200) return;
    if (response) last = `${response.status} ${await response.text()}`;
  }
  throw new StackError(`${url}/readyz did not say 200 within ${READY_WITHIN_MS / 1_000} s; last: ${last}`);
}

/** The code of a system error; of several (a name with two addresses, both refused) that of the first. */
function codeOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first ? String(first.code) : '';
}
