import type { Metrics } from '@crosscheck/runtime';
import { inTime } from './in-time.ts';

type Fill<Snapshot, Label extends string> = (
  snapshot: Snapshot,
  set: (labels: Partial<Record<Label, string>>, value: number) => void,
) => void;

export type SnapshotGauges<Snapshot> = <Label extends string = never>(
  options: { name: string; help: string; labelNames?: readonly Label[] },
  fill: Fill<Snapshot, Label>,
) => void;

/**
 * Gauges over one reading of something outside, so that all of a scrape are of the same moment and many who scrape cost one reading.
 * While it cannot be read they are left out, and `crosscheck_house_readable` is 0: an old number that looks current would be worse.
 *
 * @param options.maxAgeMs  a reading is used again until it is this old
 * @param options.waitMsMax a scrape waits so long: Prometheus gives up after ten seconds, and would then know nothing of this process at all
 */
export function makeSnapshotGauges<Snapshot>(
  metrics: Metrics,
  { read, maxAgeMs, waitMsMax }: { read: () => Promise<Snapshot>; maxAgeMs: number; waitMsMax: number },
): SnapshotGauges<Snapshot> {
  let latest: Promise<Snapshot | null> | null = null;
  /** What does not answer is not asked again meanwhile. */
  let underWay: Promise<Snapshot | null> | null = null;
  let sinceMs = -Infinity;

  function snapshot(): Promise<Snapshot | null> {
    if (latest && performance.now() - sinceMs < maxAgeMs) return latest;
    sinceMs = performance.now();
    underWay ??= read()
      .catch(() => null)
      .finally(() => (underWay = null));
    latest = inTime(underWay, waitMsMax, null);
    return latest;
  }

  const readable = metrics.gauge({
    name: 'house_readable',
    help: '1 while the numbers of the whole installation can be read from Postgres.',
    async collect() {
      readable.set((await snapshot()) === null ? 0 : 1);
    },
  });

  return ({ name, help, labelNames = [] }, fill) => {
    const gauge = metrics.gauge<string>({
      name,
      help,
      labelNames: [...labelNames],
      async collect() {
        const seen = await snapshot();
        gauge.reset();
        if (seen !== null) fill(seen, (labels, value) => gauge.set(labels, value));
        // A reset leaves a gauge without labels at 0; one with labels has no number after it, and throws when it is asked to remove one.
        else if (labelNames.length === 0) gauge.remove();
      },
    });
  };
}
