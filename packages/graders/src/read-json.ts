export type JsonReading = { ok: true; value: unknown } | { ok: false };

const FENCE = '```';

/**
 * Reads a text that is to be JSON and nothing else. Models like to put it into a code fence, so one fence around it is taken off; words
 * around it are not forgiven, since a lenient search would find JSON in a refusal.
 */
export function readJson(text: string): JsonReading {
  try {
    return { ok: true, value: JSON.parse(unfence(text.trim())) as unknown };
  } catch {
    return { ok: false };
  }
}

function unfence(text: string): string {
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE) || text.length < 2 * FENCE.length) return text;
  const inner = text.slice(FENCE.length, -FENCE.length);
  const lineEnd = inner.indexOf('\n');
  const language = inner.slice(0, Math.max(0, lineEnd)).trim();
  return /^[\w+-]*$/.test(language) ? inner.slice(lineEnd + 1) : inner;
}
