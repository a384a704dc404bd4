import { randomBytes } from 'node:crypto';

/**
 * A version 7 UUID: its first 48 bits are the time, so that rows made together lie together and ids sort by age.
 * Made here and not in Postgres, whose own uuidv7() is new in 18.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text can be an id at all; Postgres would answer anything else with an error. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
