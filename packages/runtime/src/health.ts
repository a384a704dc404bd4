import { type Clock, systemClock } from '@crosscheck/contracts';

export type HealthCheck = { name: string; ageMs: number; ageMsMax: number; ok: boolean };
export type HealthReport = { ok: boolean; checks: HealthCheck[] };

/** Liveness by useful work: a process that answers but has stopped doing its one thing is not alive. */
export type Health = {
  /**
   * Names a loop that must come round at least every `ageMsMax`. Call what it returns at the end of each round, also of a round
   * that found nothing to do. The first round counts from now.
   */
  expect: (name: string, options: { ageMsMax: number }) => () => void;
  report: () => HealthReport;
};

export function makeHealth({ clock = systemClock }: { clock?: Clock } = {}): Health {
  const loops = new Map<string, { ageMsMax: number; lastMs: number }>();
  return {
    expect(name, { ageMsMax }) {
      const loop = { ageMsMax, lastMs: clock.nowMs() };
      loops.set(name, loop);
      return () => {
        loop.lastMs = clock.nowMs();
      };
    },
    report() {
      const nowMs = clock.nowMs();
      const checks = [...loops].map(([name, { ageMsMax, lastMs }]) => {
        const ageMs = nowMs - lastMs;
        return { name, ageMs, ageMsMax, ok: ageMs <= ageMsMax };
      });
      return { ok: checks.every((check) => check.ok), checks };
    },
  };
}
