/** Numbers and times as people read them. None of these depend on the browser's language: a screenshot reads the same everywhere. */

import { count, counted } from '@crosscheck/contracts';

/** A share of one as percent, one digit: `12.5 %`. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;

/** A difference of two rates in percentage points, with its sign. */
export function points(gap: number | null | undefined): string {
  if (gap === null || gap === undefined) return '–';
  const text = (Math.abs(gap) * 100).toFixed(1);
  return `${gap < 0 && text !== '0.0' ? '−' : '+'}${text} pp`;
}

type Range = { low: number | null; high: number | null };

/** A range of shares, in percent: `[8.8, 21.7]`. The number beside it carries the unit. */
export const percentRange = ({ low, high }: Range): string => `[${bare(percent(low))}, ${bare(percent(high))}]`;

/** A range of differences, in percentage points: `[+4.2, +18.0]`. */
export const pointsRange = ({ low, high }: Range): string => `[${bare(points(low))}, ${bare(points(high))}]`;

/** How a kind of number is said: itself, and a range of it. */
export type Scale = { value: (value: number | null | undefined) => string; range: (range: Range) => string };
export const RATES: Scale = { value: percent, range: percentRange };
export const GAPS: Scale = { value: points, range: pointsRange };

/** An estimate and its interval for whoever does not see them drawn: `12.5 %, interval 8.8 % to 21.7 %`. */
export const intervalText = ({ value }: Scale, estimate: number | null, { low, high }: Range): string =>
  `${value(estimate)}, interval ${value(low)} to ${value(high)}`;

const bare = (text: string): string => text.replace(/ (?:%|pp)$/, '');

export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Money with as many digits as say something: `$0.0031`, `$12.40`, `$1,234`. */
export function usd(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return '–';
  if (amount === 0) return '$0';
  if (amount < 0.01) return `$${amount.toPrecision(2)}`;
  return amount < 1_000 ? `$${amount.toFixed(2)}` : `$${count(Math.round(amount))}`;
}

/** A length of time: `850 ms`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** `2 min ago`; `now` for what is less than five seconds away. */
export function ago(time: string, nowMs: number): string {
  const ms = nowMs - Date.parse(time);
  if (ms < 5_000) return 'now';
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  return `${Math.floor(ms / 86_400_000)} d ago`;
}

/** A moment in the reader's time zone: `2026-11-21 14:05`. */
export function moment(time: string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Codes such as `infra_failed` as words. */
export const words = (code: string): string => code.replaceAll('_', ' ');

/** How much text: `812 characters`, `16 kB`, `2.0 MB`. */
export function size(chars: number): string {
  if (chars < 1_000) return counted(chars, 'character');
  return chars < 1e6 ? `${Math.round(chars / 1e3)} kB` : `${(chars / 1e6).toFixed(1)} MB`;
}
