/**
 * What the console may load: its own files, and the API. Scripts and styles come from files alone, so nothing that a model wrote can become
 * one, whatever becomes of its text.
 */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page of the raw queue, which is not ours: the same, and it names the folder that its files lie in. */
export const BOARD_POLICY = CONSOLE_POLICY.replace("base-uri 'none'", "base-uri 'self'");
