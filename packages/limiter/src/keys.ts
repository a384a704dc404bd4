/** The only place that spells a Redis key of the limiter. */
export type LaneKeys = [state: string, leases: string, slots: string];

/** Braces keep one lane on one slot of a Redis Cluster, so that a script may touch all of its keys. */
export function laneKeys(prefix: string, laneId: string): LaneKeys {
  const lane = `${prefix}:lane:{${laneId}}`;
  return [lane, `${lane}:leases`, `${lane}:free-slots`];
}

/** Whether a prompt prefix is in a provider's cache. */
export function prefixKey(prefix: string, key: string): string {
  return `${prefix}:prefix:${key}`;
}
