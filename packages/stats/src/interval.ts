/** A two-sided interval, low <= high, in the units of the number that it stands beside. */
export type Interval = { low: number; high: number };

/** `value`, moved to the nearer end when it lies outside [low, high]. */
export function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
