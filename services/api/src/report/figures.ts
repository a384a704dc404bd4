/** How a report writes numbers. A null is a dash, and nothing is ever NaN. */
const NOTHING = '–';

/** A share in percent: 0.142 is 14.2. */
export function percent(share: number | null): string {
  return share === null ? NOTHING : noNegativeZero((share * 100).toFixed(1));
}

/** A difference of shares in percentage points, with its sign: 0.113 is +11.3, -0.02 is −2.0. */
export function points(difference: number | null): string {
  if (difference === null) return NOTHING;
  const text = percent(Math.abs(difference));
  if (text === '0.0') return text;
  return `${difference > 0 ? '+' : '−'}${text}`;
}

type Range = { low: number | null; high: number | null };

export function range({ low, high }: Range, show: (share: number | null) => string = percent): string {
  return low === null || high === null ? NOTHING : `${show(low)} to ${show(high)}`;
}

export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return NOTHING;
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}

export function decimal(value: number | null, digits = 2): string {
  return value === null ? NOTHING : noNegativeZero(value.toFixed(digits));
}

/** A small amount keeps its digits, so that a cheap sweep does not look free. */
export const usd = (value: number): string => `${value.toFixed(value !== 0 && value < 1 ? 4 : 2)} USD`;

/** The words of an outcome: api_refusal is "api refusal". */
export const words = (name: string): string => name.replaceAll('_', ' ');

const noNegativeZero = (text: string): string => (/^-0\.?0*$/.test(text) ? text.slice(1) : text);
