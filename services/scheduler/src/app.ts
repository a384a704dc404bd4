import type { Clock } from '@crosscheck/contracts';
import type { Health, Logger } from '@crosscheck/runtime';
import type { Leadership, Pool } from '@crosscheck/store';
import { type Enqueue, makeDispatch, type OnDispatched } from './dispatch.ts';
import { makePlan } from './plan.ts';
import { makeReconcile } from './reconcile.ts';
import type { TraceDispatch } from './trace-dispatch.ts';

export type SchedulerDeps = {
  pool: Pool;
  leadership: Leadership;
  enqueue: Enqueue;
  clock: Clock;
  log: Logger;
  health: Health;
  /** told of trials that went to the queue, by the name of their team */
  onDispatched?: OnDispatched;
  /** makes spans of what is handed out; nothing when absent */
  trace?: TraceDispatch | undefined;
};
export type Scheduler = {
  /** Looks now instead of at the next tick. */
  wake(): void;
  close(): Promise<void>;
};

const TICK_MS = 100;
const IDLE_TICK_MS = 250;
const RECONCILE_EVERY_MS = 2_000;

/** Decides what runs next: plan, dispatch, reconcile, in one loop. Of several schedulers one leads, the others wait. */
export function makeScheduler(deps: SchedulerDeps): Scheduler {
  const { leadership, clock, log, health } = deps;
  const plan = makePlan(deps);
  const dispatch = makeDispatch(deps);
  const reconcile = makeReconcile(deps);
  const loop = health.expect('dispatch', { ageMsMax: 30_000 });
  let reconciledMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let isWoken = false;
  let closed = false;

  async function round(): Promise<number> {
    const planned = await plan();
    const dispatched = await dispatch();
    if (Math.abs(clock.nowMs() - reconciledMs) >= RECONCILE_EVERY_MS) {
      reconciledMs = clock.nowMs();
      await reconcile();
    }
    return planned + dispatched;
  }

  /** @returns when to look again, ms */
  async function look(): Promise<number> {
    isWoken = false;
    let moved = 0;
    try {
      if (leadership.isLeader()) {
        moved = await round();
        leadership.passed({ worked: moved > 0 });
      }
      loop.worked();
    } catch (error) {
      loop.failed(error);
      log.error({ err: error }, 'a round of the scheduler failed: the next one tries again');
    }
    if (isWoken) return 0;
    return moved > 0 ? TICK_MS : IDLE_TICK_MS;
  }

  function start(): void {
    clearTimeout(timer);
    running ??= look().then((againMs) => {
      running = null;
      if (!closed) timer = setTimeout(start, againMs);
    });
  }
  start();

  return {
    wake() {
      isWoken = true;
      if (!running && !closed) start();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
