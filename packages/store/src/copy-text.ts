import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Db } from './pool.ts';

const CHUNK_CHARACTERS = 65_536;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const ESCAPED: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const NULL = '\\N';

/** One value of COPY's text format; null is its own word there. */
export function toCopyField(value: string | number | boolean | null): string {
  if (value === null) return NULL;
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

/** The value of a field as COPY writes it. */
export function fromCopyField(field: string): string | null {
  if (field === NULL) return null;
  return field.includes('\\') ? field.replace(/\\(.)/gs, (_all, letter: string) => ESCAPED[letter] ?? letter) : field;
}

/**
 * Streams what a query answers, in pages of rows of undecoded fields (`fromCopyField`), in bounded memory. Several processes of Postgres may
 * work at it, which they never do for a cursor; and its rows cost half as much to read.
 *
 * @param query without parameters: COPY takes none
 */
export async function* copyRows(db: Db, query: string): AsyncGenerator<string[][]> {
  const stream = (db as pg.PoolClient).query(copyTo(`copy (${query}) to stdout`)).setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield lines.map((line) => line.split('\t'));
    }
  } finally {
    // The connection takes its next query once all of it has come, also when nobody wants it any more.
    if (!stream.readableEnded) await finished(stream.resume()).catch(() => {});
  }
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
