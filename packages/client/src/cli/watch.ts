import { setTimeout as sleep } from 'node:timers/promises';
import { isFinished, type SweepDetail } from '@crosscheck/contracts';
import type { Client } from '../client.ts';

/** More often than this a person cannot read it. */
const LOOK_EVERY_MS = 250;
/** Looks also without an event: a proxy between us may hold events back. */
const LOOK_AT_LEAST_EVERY_MS = 3_000;

/**
 * A sweep as it changes, up to its last state. Events only say when to look: what is shown is always the sweep's own document.
 *
 * @throws the signal's reason when it is aborted
 */
export async function* watchSweep(
  { sweeps }: Pick<Client, 'sweeps'>,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<SweepDetail, void, undefined> {
  const bell = makeBell();
  const over = new AbortController();
  const events = sweeps.events(id, { signal: AbortSignal.any([signal, over.signal]) });
  const listening = ringForEach(events, bell);
  const timer = setInterval(bell.ring, LOOK_AT_LEAST_EVERY_MS);
  signal.addEventListener('abort', bell.ring);
  try {
    for (;;) {
      const view = await sweeps.get(id);
      yield view;
      if (isFinished(view.state)) return;
      await bell.rung();
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    signal.removeEventListener('abort', bell.ring);
    clearInterval(timer);
    over.abort();
    await listening;
  }
}

type Bell = { ring: () => void; rung: () => Promise<void> };

/** Rings at most once for whoever waits: ten events before a look are one. */
function makeBell(): Bell {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => next.resolve(),
    async rung() {
      await next.promise;
      next = Promise.withResolvers();
    },
  };
}

/** Whatever ends the events, the sweep's document still tells: a refusal comes back from it as well. */
async function ringForEach(events: AsyncIterable<unknown>, bell: Bell): Promise<void> {
  try {
    for await (const _ of events) bell.ring();
  } catch {
    return;
  }
}
