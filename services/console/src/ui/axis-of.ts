export type AxisRange = { from: number; to: number; ticks: number[] };

const STEPS = [0.02, 0.05, 0.1, 0.2, 0.25, 0.5];
/** More than these run into each other where the column is narrow. */
const TICKS_MAX = 5;

/**
 * An axis that holds all values and zero, with round ends and ticks.
 *
 * @param values differences in [-1, 1]; null is nothing to hold
 */
export function axisOf(values: (number | null)[]): AxisRange {
  const known = values.filter((value) => value !== null);
  const low = Math.max(-1, Math.min(0, ...known));
  const high = Math.min(1, Math.max(0.02, ...known));
  const step = STEPS.find((one) => (high - low) / one <= TICKS_MAX - 1) ?? 0.5;
  // Rounded off a little, so that 0.30000000000000004 is three steps and not four.
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
  return { from, to, ticks };
}
