import { CrosscheckError } from '@crosscheck/contracts';

/** Turns the sort key of a page's last item into the opaque text that asks for the next page. */
export function toCursor(...key: (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * Reads the sort key back.
 *
 * @throws CrosscheckError QUERY_INVALID for a text that was no cursor of this list
 */
export function fromCursor<const Kinds extends readonly ('string' | 'number')[]>(
  text: string | undefined,
  ...kinds: Kinds
): { [Index in keyof Kinds]: Kinds[Index] extends 'number' ? number : string } | null {
  if (text === undefined) return null;
  const key = parse(text);
  const fits =
    Array.isArray(key) && key.length === kinds.length && kinds.every((kind, index) => isOf(kind, key[index]));
  if (fits) return key as { [Index in keyof Kinds]: Kinds[Index] extends 'number' ? number : string };
  throw new CrosscheckError('QUERY_INVALID', 'after is no cursor of this list: take `next` of the page before', {
    field: 'after',
    got: text,
  });
}

/** Numbers of sort keys are places: whole, and of a size that Postgres takes. */
function isOf(kind: 'string' | 'number', value: unknown): boolean {
  if (typeof value !== kind) return false;
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  return !(value as string).includes('\0');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
}
