import type { Clock, ServiceProblem } from '@crosscheck/contracts';
import { PROBLEMS, type Symptom } from './problems.ts';

export type Vitals = {
  /** What is wrong now, as of two seconds ago at most. */
  problems(): Promise<ServiceProblem[]>;
  /** Looks by itself from now on: how long something lasts is known only by looking. */
  start(): void;
  stop(): void;
};

const LOOK_EVERY_MS = 4_000;
const FRESH_MS = 2_000;

type Seen = { symptom: Symptom; firstMs: number };

/** Watches for problems and remembers since when each is there. */
export function makeVitals({ find, clock }: { find: () => Promise<Symptom[]>; clock: Clock }): Vitals {
  let seen = new Map<string, Seen>();
  let lookedMs = -Infinity;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const symptoms = await find();
    const nowMs = clock.nowMs();
    seen = new Map(
      symptoms.map((symptom) => {
        const key = [symptom.code, symptom.subject, symptom.mark].join(' ');
        return [key, { symptom, firstMs: seen.get(key)?.firstMs ?? nowMs }];
      }),
    );
    lookedMs = nowMs;
  }

  const lookOnce = () => (looking ??= look().finally(() => (looking = null)));

  return {
    async problems() {
      if (Math.abs(clock.nowMs() - lookedMs) > FRESH_MS) await lookOnce();
      return [...seen.values()].flatMap((entry) => toProblem(entry, clock.nowMs()));
    },
    start() {
      timer ??= setInterval(() => void lookOnce(), LOOK_EVERY_MS).unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}

function toProblem({ symptom, firstMs }: Seen, nowMs: number): ServiceProblem[] {
  const { code, subject, detail, sinceMs = firstMs, afterMs = 0 } = symptom;
  if (nowMs - firstMs < afterMs) return [];
  return [{ code, subject, since: new Date(sinceMs).toISOString(), detail, ...PROBLEMS[code] }];
}
