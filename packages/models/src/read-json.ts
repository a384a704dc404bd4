import type { Seen } from './classify.ts';

/** A complete 200 whose body is JSON; anything else about it is told as what it is. */
export type JsonBody = { what: 'json'; payload: unknown };

/**
 * Reads a body to its end. The SDK's own parser would hand on a string for a wrong content type and undefined for an empty body.
 *
 * @throws what fetch throws when the body breaks off
 */
export async function readJson(response: Response): Promise<JsonBody | Extract<Seen, { what: 'garbled' }>> {
  const text = await response.text();
  if (text.length === 0) return { what: 'garbled', code: 'empty_body' };
  const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  if (mediaType !== 'application/json' && !mediaType.endsWith('+json')) {
    return { what: 'garbled', code: 'wrong_content_type' };
  }
  const payload = parseJson(text);
  return payload === undefined ? { what: 'garbled', code: 'broken_json' } : { what: 'json', payload };
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
