import { hash } from 'node:crypto';

/**
 * JSON with one spelling for one value: keys in code-unit order, no spaces, absent members left out, as in RFC 8785 for the values
 * that we have.
 *
 * @throws TypeError for what JSON cannot say: a function, a bigint, NaN, an infinity
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`canonicalJson wants a JSON value, got a ${typeof value} that is none`);
}

/** SHA-256 over the canonical JSON of a value, 64 hexadecimal digits. Equal values have equal fingerprints, and nothing else does. */
export function fingerprintOf(value: unknown): string {
  return hash('sha256', canonicalJson(value));
}
