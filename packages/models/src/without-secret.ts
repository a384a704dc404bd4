/** Shorter ones, and the placeholder of servers that want none, may stand in an answer by chance. */
const SECRET_CHARS_MIN = 12;

/**
 * A result without the key that its call was sent with. A server, or whoever answers in its name, may say the key back in a text, a name or
 * a header; whatever is kept of a call goes through here, so that the key reaches neither the database nor a log.
 */
export function withoutSecret<Value>(value: Value, secret: string): Value {
  return secret.length < SECRET_CHARS_MIN ? value : (hide(value, secret) as Value);
}

function hide(value: unknown, secret: string): unknown {
  if (typeof value === 'string') return value.includes(secret) ? value.replaceAll(secret, '***') : value;
  if (Array.isArray(value)) return value.map((item) => hide(item, secret));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hide(inner, secret)]));
}
