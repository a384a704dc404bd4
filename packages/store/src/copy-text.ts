import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Db } from './pool.ts';

const CHUNK_CHARACTERS = 65_536;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** One value of COPY's text format; null is its own word there. */
export function toCopyField(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  return typeof value === 'string'
    ? value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string)
    : String(value);
}

/**
 * Streams lines of COPY's text format into a table, in bounded memory.
 *
 * @param into  `table (column, …)`
 * @param lines each with its fields separated by tabs and a line feed at its end; what they throw comes out unchanged
 */
export async function copyLines(db: Db, into: string, lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const stream = (db as pg.PoolClient).query(copyFrom(`copy ${into} from stdin`));
  await pipeline(Readable.from(joined(lines)), stream);
}

/** Chunks of about 64 kB: one write for each line would cost more than the line. */
async function* joined(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk) yield chunk;
}
