const KEYS = /\b(xck_|xc_admin_)[\w-]{20,}/g;

/** A text without the API keys in it: people paste them into paths, queries and names, and answers and logs repeat what was sent. */
export function hideKeys(text: string): string {
  return text.replace(KEYS, '$1***');
}
