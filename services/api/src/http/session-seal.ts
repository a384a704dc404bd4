import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { Clock } from '@crosscheck/contracts';

export const SESSION_COOKIE = 'crosscheck_session';
export const SESSION_S = 12 * 3_600;

export type Sessions = {
  /** The value of a cookie that lets its bearer act with this key for twelve hours. */
  seal(apiKey: string): string;
  /** The key that a cookie holds; null when it is not ours, was changed or is too old. */
  open(cookie: string): string | null;
};

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes the sessions of the console. A cookie holds the API key itself, sealed: nothing has to be stored, every process can open it, the
 * browser cannot read it, and revoking the key ends the session with it.
 */
export function makeSessions({ secret, clock }: { secret: string; clock: Clock }): Sessions {
  const sealingKey = Buffer.from(hash('sha256', secret), 'hex');
  return {
    seal(apiKey) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, sealingKey, iv);
      const text = JSON.stringify({ apiKey, untilMs: clock.nowMs() + SESSION_S * 1_000 });
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(cookie) {
      const bytes = Buffer.from(cookie, 'base64url');
      if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
      try {
        const decipher = createDecipheriv(CIPHER, sealingKey, bytes.subarray(0, IV_BYTES));
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const text = Buffer.concat([
          decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
          decipher.final(),
        ]).toString();
        const { apiKey, untilMs } = JSON.parse(text) as { apiKey: string; untilMs: number };
        return untilMs > clock.nowMs() ? apiKey : null;
      } catch {
        return null;
      }
    },
  };
}
