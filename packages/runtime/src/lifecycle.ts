import type { Logger } from './logger.ts';

/** Why a process stops. `supervisor-gone` keeps services from outliving the one who started them. */
export type StopReason =
  | { kind: 'signal'; signal: NodeJS.Signals }
  | { kind: 'supervisor-gone' }
  | { kind: 'error'; error: unknown };

/**
 * What a service tells its supervisor over the IPC channel, once, when it can do its work, and where it listens. `controlUrl` is the
 * simulator's.
 */
export type ReadyMessage = {
  type: 'crosscheck:ready';
  service: string;
  port?: number;
  url?: string;
  controlUrl?: string;
};

/**
 * Says that the service does its work from now on. Without a supervisor (in a container) this says nothing: probes look at
 * `/readyz` and `/healthz` there.
 */
export function announceReady(ready: Omit<ReadyMessage, 'type'>): void {
  process.send?.({ type: 'crosscheck:ready', ...ready } satisfies ReadyMessage);
  // The channel alone must not keep a process alive whose work is done.
  process.channel?.unref();
}

export function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'crosscheck:ready';
}

/**
 * Resolves at the first SIGTERM or SIGINT, when the supervisor goes away, or at an error that nobody caught. `main.ts` closes
 * what it opened after this line and then ends by itself, with exit code 0, or 1 after an error.
 *
 * From then on another signal ends the process at once, and so does the end of the grace period, both with exit code 1.
 *
 * @param options.graceMs how long closing may take, ms; 60,000 when absent
 */
export async function untilStopped({ log, graceMs = 60_000 }: { log: Logger; graceMs?: number }): Promise<StopReason> {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  process.on('SIGTERM', (signal) => resolve({ kind: 'signal', signal }));
  process.on('SIGINT', (signal) => resolve({ kind: 'signal', signal }));
  process.on('disconnect', () => resolve({ kind: 'supervisor-gone' }));
  process.on('uncaughtException', (error) => resolve({ kind: 'error', error }));
  process.on('unhandledRejection', (error) => resolve({ kind: 'error', error }));
  process.channel?.unref();
  if (process.send && !process.connected) resolve({ kind: 'supervisor-gone' });
  // Signals do not keep the event loop alive, and a service between two rounds may have nothing else that does.
  const alive = setInterval(() => {}, 2 ** 30);
  const reason = await promise;
  clearInterval(alive);
  if (reason.kind === 'error') {
    log.fatal({ err: reason.error }, 'stopping after an error that nobody caught');
    process.exitCode = 1;
  } else {
    log.info({ reason }, 'stopping');
  }
  endForcedAt({ log, graceMs });
  return reason;
}

/** One Ctrl-C can arrive twice, from the terminal and from npm: only what comes later is a person who insists. */
const SAME_SIGNAL_MS = 1_000;

function endForcedAt({ log, graceMs }: { log: Logger; graceMs: number }): void {
  const end = (why: string) => {
    log.error(why);
    process.exit(1);
  };
  const sinceMs = Date.now();
  const insist = () => {
    if (Date.now() - sinceMs > SAME_SIGNAL_MS) end('a second signal came: ending without waiting');
  };
  process.on('SIGTERM', insist);
  process.on('SIGINT', insist);
  process.on('uncaughtException', (error) => log.error({ err: error }, 'another error while stopping'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'another error while stopping'));
  // Not awaited and unreferenced: it only fires when something still holds the process.
  setTimeout(() => end(`not closed within ${graceMs} ms: ending now`), graceMs).unref();
}
