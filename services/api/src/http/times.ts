import { CrosscheckError } from '@crosscheck/contracts';

/** @throws CrosscheckError QUERY_INVALID for what is no time, or none that Postgres could keep */
export function readTime(text: string, field: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new CrosscheckError('QUERY_INVALID', `${field} is no time`, {
    field,
    got: text,
    expected: 'ISO 8601, such as 2026-01-31T12:00:00Z',
  });
}
