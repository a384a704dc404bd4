import { type Clock, steadyClock } from '@crosscheck/contracts';

/** One loop of a process. Ages in ms; `reason` is the error of the latest round, null when it did its work. */
export type HealthCheck = {
  name: string;
  /** since it came round, also in vain */
  ageMs: number;
  /** since it did its work */
  workedMs: number;
  ageMsMax: number;
  alive: boolean;
  working: boolean;
  reason: string | null;
};
/** `alive`: every loop comes round. `working`: every loop does its work as well. */
export type HealthReport = { alive: boolean; working: boolean; checks: HealthCheck[] };

export type Loop = {
  /** The round came to its end, also when it found nothing to do. */
  worked: () => void;
  /** The round came round and could not do its work: a server behind it is away. */
  failed: (error: unknown) => void;
};

/**
 * Health by useful work: a process that answers but has stopped doing its one thing is not well. A process whose rounds fail is alive
 * and not working: starting it again would not bring its database back, and would cost the answers that it waits to record.
 */
export type Health = {
  /** Names a loop that must come round at least every `ageMsMax`. The first round counts from now. */
  expect: (name: string, options: { ageMsMax: number }) => Loop;
  report: () => HealthReport;
};

export function makeHealth({ clock = steadyClock }: { clock?: Clock } = {}): Health {
  const loops = new Map<string, { ageMsMax: number; cameMs: number; workedMs: number; reason: string | null }>();
  return {
    expect(name, { ageMsMax }) {
      const loop = { ageMsMax, cameMs: clock.nowMs(), workedMs: clock.nowMs(), reason: null as string | null };
      loops.set(name, loop);
      return {
        worked() {
          [loop.cameMs, loop.workedMs, loop.reason] = [clock.nowMs(), clock.nowMs(), null];
        },
        failed(error) {
          [loop.cameMs, loop.reason] = [clock.nowMs(), error instanceof Error ? error.message : String(error)];
        },
      };
    },
    report() {
      const nowMs = clock.nowMs();
      const checks = [...loops].map(([name, { ageMsMax, cameMs, workedMs, reason }]) => {
        const [ageMs, sinceWorkMs] = [nowMs - cameMs, nowMs - workedMs];
        const [alive, working] = [ageMs <= ageMsMax, sinceWorkMs <= ageMsMax];
        return { name, ageMs, workedMs: sinceWorkMs, ageMsMax, alive, working, reason };
      });
      return { alive: checks.every(({ alive }) => alive), working: checks.every(({ working }) => working), checks };
    },
  };
}
