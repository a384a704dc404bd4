import { setTimeout as sleep } from 'node:timers/promises';
import type { Ground } from './ground.ts';
import type { Trouble } from './fault-proxy.ts';

export type QueueMode = 'postgres' | 'redis';
export type Place = 'process' | 'redis' | 'postgres' | 'model';

/** One way to hurt the system. */
export type FaultKind = {
  name: string;
  place: Place;
  /** one line for the reader of the table */
  says: string;
  lastsMs: { min: number; max: number };
  /**
   * Calls that may be paid for and lost. at-start: those in flight when it begins. throughout: also those that begin while it lasts.
   * both-ends: those in flight when it begins or ends.
   */
  mayLose: 'at-start' | 'both-ends' | 'throughout' | 'none';
  /** so long after its end it may still cost calls, ms; 1 s */
  aftermathMs?: number;
  /** Begins it; what it returns ends it. */
  begin: (ground: Ground, pick: number) => Promise<() => Promise<void> | void>;
};

export type Way = Omit<FaultKind, 'name' | 'place' | 'says'>;
export const MOMENT = { min: 0, max: 0 };
const WHILE = { min: 1_200, max: 2_600 };
export const over = (): void => {};

export const moment = (mayLose: Way['mayLose'], act: (ground: Ground, pick: number) => Promise<void> | void): Way => ({
  lastsMs: MOMENT,
  mayLose,
  async begin(ground, pick) {
    await act(ground, pick);
    return over;
  },
});

export function signalOne(service: string, signal: NodeJS.Signals): Way {
  return moment(service === 'worker' ? 'at-start' : 'none', ({ stack }, pick) => {
    const names = stack()
      .processes()
      .map(({ name }) => name)
      .filter((name) => name.startsWith(service));
    stack().kill(names[Math.floor(pick * names.length)] as string, signal);
  });
}

const WORKER_STOPS_WITHIN_MS = 12_000;

export async function restartWorkers({ stack }: Ground): Promise<void> {
  const workers = () =>
    stack()
      .processes()
      .filter(({ name }) => name.startsWith('worker'));
  for (const { name, pid } of workers()) {
    stack().kill(name, 'SIGTERM');
    const isBack = () => workers().some((each) => each.name === name && each.pid !== pid && each.state === 'ready');
    for (const untilMs = Date.now() + WORKER_STOPS_WITHIN_MS; !isBack() && Date.now() < untilMs;) await sleep(50);
  }
}

export function signalWorkers({ stack }: Ground, signal: NodeJS.Signals): void {
  for (const { name, state } of stack().processes()) {
    if (name.startsWith('worker') && state === 'ready') stack().kill(name, signal);
  }
}

export function spoil(
  line: 'redis' | 'postgres' | 'model',
  mayLose: Way['mayLose'],
  trouble: (pick: number) => Trouble,
): Way {
  return {
    lastsMs: WHILE,
    mayLose,
    async begin({ proxies }, pick) {
      proxies[line]?.set(trouble(pick));
      return () => proxies[line]?.set(null);
    },
  };
}

/** Kept up until it is healed or given up: a connection is asked about after 10 s, and ended after 5 s more. */
export const blackHole = (line: 'redis' | 'postgres' | 'model'): Way => ({
  ...spoil(line, 'throughout', () => ({ kind: 'black-hole' })),
  aftermathMs: 25_000,
});

/** Long enough that another would take the lead over, if there were one. */
const FROZEN_MS = { min: 4_000, max: 9_000 };

export function freeze(name: string): Way {
  return {
    lastsMs: FROZEN_MS,
    mayLose: 'none',
    async begin({ stack }) {
      stack().kill(name, 'SIGSTOP');
      return () => stack().kill(name, 'SIGCONT');
    },
  };
}

const CLOCK_STEPS_MS = [7 * 3_600_000, -2 * 3_600_000, 90_000, -90_000];

/** One process at a time: clocks that differ are worse than clocks that are wrong together. */
export const stepOneClock: Way = {
  lastsMs: WHILE,
  mayLose: 'none',
  async begin({ stack, setClock }, pick) {
    const processes = stack().processes();
    const at = Math.floor(pick * processes.length * CLOCK_STEPS_MS.length);
    const pid = processes[at % processes.length]?.pid;
    if (pid === undefined) return over;
    setClock(pid, CLOCK_STEPS_MS[Math.floor(at / processes.length)] as number);
    return () => setClock(pid, 0);
  },
};

export const cut = (line: 'redis' | 'postgres' | 'model'): Way =>
  moment('at-start', ({ proxies }) => proxies[line]?.cut());

/** Of the calls that begin while it lasts this share fails so. */
const MODEL_FAULT_SHARE = 0.35;

export function failCalls(kind: string, params?: object): Way {
  return {
    lastsMs: WHILE,
    // The simulator marks what it spoils: those calls are told apart from calls that were lost.
    mayLose: 'none',
    async begin({ setModelFaults }) {
      await setModelFaults([{ kind, p: MODEL_FAULT_SHARE, ...(params && { params }) }]);
      return () => setModelFaults([]);
    },
  };
}

export function onRedis(
  begin: (redis: NonNullable<Ground['redis']>) => Promise<() => Promise<void> | void>,
  lastsMs = WHILE,
): Way {
  return {
    lastsMs,
    mayLose: 'both-ends',
    async begin({ redis }) {
      if (!redis) throw new Error('there is no Redis in this run');
      return begin(redis);
    },
  };
}
