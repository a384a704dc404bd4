/** A token bucket with continuous refill. It may go below zero, when output is debited after it was generated. */
export type Bucket = {
  /** Refills up to now. Capacity and rate may change between calls, so that a limit can be lowered while it runs. */
  levelAt(nowMs: number, size: BucketSize): number;
  take(amount: number): void;
};

export type BucketSize = { capacity: number; perMs: number };

/** The size of a bucket for a limit a minute; `burstMinutes` 1/60 enforces it by the second. */
export function sizeOf(perMinute: number, burstMinutes: number, timeScale: number): BucketSize {
  return { capacity: perMinute * burstMinutes, perMs: (perMinute / 60_000) * timeScale };
}

/** Makes a bucket that is full when it is first looked at. */
export function makeBucket(): Bucket {
  let level = Number.POSITIVE_INFINITY;
  let atMs = 0;
  return {
    levelAt(nowMs, { capacity, perMs }) {
      level = Math.min(capacity, level + Math.max(0, nowMs - atMs) * perMs);
      atMs = nowMs;
      return level;
    },
    take(amount) {
      level -= amount;
    },
  };
}

/** Milliseconds until `need` is there; 0 when it already is. */
export function waitFor(need: number, level: number, { perMs }: BucketSize): number {
  // A refill is a sum of floating-point pieces: a client that waited as told must not fail by the last bit.
  return need <= level + 1e-6 ? 0 : (need - level) / perMs;
}
