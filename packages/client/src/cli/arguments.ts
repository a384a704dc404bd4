import { InvalidArgumentError } from 'commander';

/** A number of things on the command line: `20`, `1_000`. */
export function toCount(text: string): number {
  const value = toNumber(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number of at least 1');
  return value;
}

/** A limit: a number above 0, or `none`. That is infinity here, for commander takes null for no value; JSON writes it as the null that the API wants. */
export function toLimit(text: string): number {
  if (text === 'none') return Infinity;
  const value = toNumber(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0, or none');
  return value;
}

const toNumber = (text: string): number => (text === '' ? NaN : Number(text.replaceAll('_', '')));
