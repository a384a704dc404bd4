const NOTHING = '–';

/** A time of the API to the minute; nothing where there is none. */
export const minute = (at: string | null): string => (at === null ? '' : `${at.slice(0, 16).replace('T', ' ')} UTC`);

/** A share as percent with one digit: 0.142 is 14.2. */
export function percent(share: number | null): string {
  return share === null ? NOTHING : zeroWithoutSign((share * 100).toFixed(1));
}

/** A difference of shares in percentage points, always with its sign: 0.113 is +11.3. */
export function points(difference: number | null): string {
  if (difference === null) return NOTHING;
  const text = percent(difference);
  return difference > 0 && text !== '0.0' ? `+${text}` : text;
}

type Range = { low: number | null; high: number | null };

/** A range of shares; `signed` for a range of differences. */
export function range({ low, high }: Range, signed = false): string {
  if (low === null && high === null) return NOTHING;
  const show = signed ? points : percent;
  return `[${show(low)}, ${show(high)}]`;
}

/** A p-value; what is smaller than one can read off a table is a bound. */
export function pValue(p: number | null): string {
  if (p === null) return NOTHING;
  return p < 0.0001 ? '<0.0001' : p.toFixed(4);
}

/** Money of the wire, a decimal text of pico-USD, in USD. Below a cent it keeps four digits, so that a small sweep is not free. */
export function usd(picoUsd: string | bigint): string {
  const value = Number(BigInt(picoUsd)) / 1e12;
  return `${value.toFixed(value !== 0 && value < 1 ? 4 : 2)} USD`;
}

/** 75 s is 1 min 15 s; below ten seconds with one digit. */
export function duration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const zeroWithoutSign = (text: string): string => (text === '-0.0' ? '0.0' : text);
