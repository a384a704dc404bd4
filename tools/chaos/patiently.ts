import { setTimeout as sleep } from 'node:timers/promises';

/** Tries again while it throws, as one has to whose database is being killed. @throws the last error after `withinMs` */
export async function patiently<Result>(work: () => Promise<Result>, { withinMs = 60_000 } = {}): Promise<Result> {
  for (const untilMs = Date.now() + withinMs; ;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await sleep(200);
    }
  }
}

/** Asks again until the answer is yes. @returns whether it came in time */
export async function within(waitMs: number, ask: () => Promise<boolean>, everyMs = 100): Promise<boolean> {
  for (const untilMs = Date.now() + waitMs; Date.now() < untilMs; await sleep(everyMs)) if (await ask()) return true;
  return false;
}
