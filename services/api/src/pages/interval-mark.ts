const WIDTH = 160;
const HEIGHT = 16;

export type Estimate = { estimate: number | null; low: number | null; high: number | null };

/**
 * A point with its interval on a line from `from` to `to`, as SVG without style or script.
 *
 * @returns an empty text where there is no estimate
 */
export function intervalMark({ estimate, low, high }: Estimate, from: number, to: number): string {
  if (estimate === null) return '';
  const x = (value: number) => (((Math.min(to, Math.max(from, value)) - from) / (to - from)) * WIDTH).toFixed(1);
  const middle = HEIGHT / 2;
  const zero = from < 0 ? `<line class="axis" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${HEIGHT}"/>` : '';
  const interval =
    low === null || high === null
      ? ''
      : `<line class="interval" x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}"/>`;
  return `<svg width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${estimate.toFixed(3)}"><line class="axis" x1="0" x2="${WIDTH}" y1="${middle}" y2="${middle}"/>${zero}${interval}<circle class="point" cx="${x(estimate)}" cy="${middle}" r="4"/></svg>`;
}
