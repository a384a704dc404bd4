const QUOTE_CHARS_MAX = 200;
const WINDOW_CHARS = 16;

/**
 * A server's message as far as it may be shown: servers quote what they were sent, and a prompt, an answer or a key has no place in a
 * log. A message that shares sixteen characters in a row with anything hidden is left out whole.
 *
 * @returns the message, shortened and on one line; null when there is none to show
 */
export function quoteSafely(message: string | null, hidden: readonly string[]): string | null {
  const quote = message?.replace(/\s+/g, ' ').trim().slice(0, QUOTE_CHARS_MAX) ?? '';
  if (quote === '') return null;
  return hidden.some((secret) => overlaps(quote, secret.replace(/\s+/g, ' ').trim())) ? null : quote;
}

function overlaps(quote: string, secret: string): boolean {
  if (secret.length <= WINDOW_CHARS) return secret !== '' && quote.includes(secret);
  for (let at = 0; at + WINDOW_CHARS <= quote.length; at += 1) {
    if (secret.includes(quote.slice(at, at + WINDOW_CHARS))) return true;
  }
  return false;
}
