import type { Consumer, QueueBackend } from '@crosscheck/queue';
import type { Logger } from '@crosscheck/runtime';
import type { LaneRow } from '@crosscheck/store';
import type { Claim, RunTrial } from './run-trial.ts';
import type { Slots } from './slots.ts';

export type Consumers = {
  /** Opens what is newly in use, sizes what is open, closes what has been idle. */
  follow(lanesInUse: LaneRow[], workers: number): Promise<void>;
  /** running trials by lane */
  running(): Record<string, number>;
  /** the claims behind them */
  holding(): Claim[];
  lastSettledAt(): Date | null;
  /** Takes nothing new and gives what runs `graceMs` to end, then tells it to stop. */
  close(options: { graceMs: number }): Promise<void>;
};

export type ConsumersDeps = {
  queue: QueueBackend;
  runTrial: RunTrial;
  slots: Slots;
  stop: AbortSignal;
  log: Logger;
  /** told of each job that was found without its worker */
  onStalled: (laneId: string) => void;
};
type Open = { consumer: Consumer; slots: number; running: number; idleSinceMs: number };

const IDLE_CLOSE_MS = 60_000;

/** One consumer for each lane that an unfinished sweep uses. */
export function makeConsumers({ queue, runTrial, slots, stop, log, onStalled }: ConsumersDeps): Consumers {
  const lanes = new Map<string, Open>();
  const held = new Map<string, Claim>();
  let lastSettledAt: Date | null = null;

  async function open(lane: LaneRow, wanted: number): Promise<void> {
    const entry: Omit<Open, 'consumer'> & { consumer?: Consumer } = {
      slots: wanted,
      running: 0,
      idleSinceMs: Date.now(),
    };
    entry.consumer = await queue.consumer(lane.id, {
      concurrency: wanted,
      onStalled: () => onStalled(lane.id),
      async process({ t, e }, signal) {
        const claim = { id: t, epoch: e };
        // The queue forgot that we run it.
        if (held.has(keyOf(claim))) return;
        held.set(keyOf(claim), claim);
        entry.running += 1;
        const startedMs = performance.now();
        try {
          const { result, why } = await runTrial(claim, AbortSignal.any([signal, stop]));
          if (result === 'settled') lastSettledAt = new Date();
          log.debug(
            { lane: lane.id, trial: t, epoch: e, result, why, ms: Math.round(performance.now() - startedMs) },
            'trial ran',
          );
        } finally {
          held.delete(keyOf(claim));
          entry.running -= 1;
          entry.idleSinceMs = Date.now();
        }
      },
    });
    lanes.set(lane.id, entry as Open);
    log.info({ lane: lane.id, slots: wanted }, 'lane opened');
  }

  async function closeIdle(inUse: Set<string>): Promise<void> {
    for (const [id, { consumer, running, idleSinceMs }] of lanes) {
      if (inUse.has(id) || running > 0 || Date.now() - idleSinceMs < IDLE_CLOSE_MS) continue;
      lanes.delete(id);
      await consumer.close();
      log.info({ lane: id }, 'lane closed');
    }
  }

  return {
    async follow(lanesInUse, workers) {
      for (const lane of lanesInUse) {
        const wanted = slots.of(lane, workers);
        const known = lanes.get(lane.id);
        if (!known) await open(lane, wanted);
        else if (known.slots !== wanted) {
          known.slots = wanted;
          known.consumer.setConcurrency(wanted);
        }
      }
      await closeIdle(new Set(lanesInUse.map(({ id }) => id)));
    },
    running: () => Object.fromEntries([...lanes].map(([id, { running }]) => [id, running])),
    holding: () => [...held.values()],
    lastSettledAt: () => lastSettledAt,
    async close(options) {
      await Promise.all([...lanes.values()].map(({ consumer }) => consumer.close(options)));
      lanes.clear();
    },
  };
}

const keyOf = ({ id, epoch }: Claim): string => `${id}-${epoch}`;
