import { count } from '@crosscheck/contracts';

/** A limit that is typed: more than 0, and no limit where the field is empty. */
export type NumberField<Name extends string> = {
  name: Name;
  label: string;
  max: number;
  /** what is said of a fraction, where only whole numbers do */
  whole?: string;
  /** what is said of 0 and less */
  low?: string;
  /** there always is one: an empty field is wrong */
  isNeeded?: boolean;
};

/** `4,000`, `4 000` and `4000` are one number. */
export const numberOf = (text: string): number | null => {
  const plain = text.replace(/[\s,_]/g, '');
  return plain === '' ? null : Number(plain);
};

export const isNone = (value: number | null | undefined): value is null | undefined =>
  value === null || value === undefined;

/** With commas, where that says it to the last digit. */
export function textOf(value: number | null | undefined): string {
  if (isNone(value)) return '';
  return numberOf(count(value)) === value ? count(value) : String(value);
}

/** What is wrong with a value, as the api would refuse it; null is nothing. */
export function faultOf(
  value: number | null,
  { max, whole, low = 'More than 0.', isNeeded = false }: Omit<NumberField<string>, 'name' | 'label'>,
): string | null {
  if (value === null) return isNeeded ? 'There is always one.' : null;
  if (!Number.isFinite(value)) return 'This is no number.';
  if (whole !== undefined && !Number.isInteger(value)) return whole;
  if (value <= 0) return low;
  return value > max ? `At most ${count(max)}.` : null;
}
