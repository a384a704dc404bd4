import { CrosscheckError, type ErrorCode, findFaults } from '@crosscheck/contracts';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isDeeper, JSON_DEPTH_MAX } from './json-depth.ts';
import { readUtf8 } from './utf8.ts';

/** A prompt may hold 400,000 characters and as much in variables; a longer line is a mistake, and it is not kept in memory. */
export const LINE_BYTES_MAX = 4_000_000;

export type Line = { number: number; text: string };

/**
 * The lines of a body as they arrive, numbered from 1; empty ones are skipped.
 *
 * @throws CrosscheckError `code` for a line that is too long or is not UTF-8
 */
export async function* readLines(body: Readable, code: ErrorCode, lineBytesMax = LINE_BYTES_MAX): AsyncGenerator<Line> {
  for await (const lines of readLineBatches(body, code, lineBytesMax)) yield* lines;
}

/**
 * The same, in the batches in which they arrive: where a body has a million lines, a promise for each costs more than its content.
 * What came before a bad line is handed out first, so that whoever reads it can object to an earlier one.
 */
export async function* readLineBatches(
  body: Readable,
  code: ErrorCode,
  lineBytesMax = LINE_BYTES_MAX,
): AsyncGenerator<Line[]> {
  const cut = makeLineCutter(code, lineBytesMax);
  try {
    // A body that is left early must not be destroyed: its connection would go, and the answer with it.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const { lines, fault } = cut(chunk);
      if (lines.length > 0) yield lines;
      if (fault) throw fault;
    }
    const { lines, fault } = cut(null);
    if (lines.length > 0) yield lines;
    if (fault) throw fault;
  } finally {
    // Whoever stops early answers while the sender still sends: the rest is let through, for else the connection would hang.
    body.resume();
  }
}

type Cut = { lines: Line[]; fault: CrosscheckError | null };

/** Cuts at line feeds before decoding, so that a character split over two chunks stays whole. A null ends the last line. */
function makeLineCutter(code: ErrorCode, bytesMax: number): (chunk: Buffer | null) => Cut {
  let pieces: Buffer[] = [];
  let held = 0;
  let number = 1;

  function take(lines: Line[], tail: Buffer): void {
    if (held + tail.length > bytesMax) throw tooLong(code, number, bytesMax);
    const text = decode(held === 0 ? tail : Buffer.concat([...pieces, tail]), code, number);
    if (text.trim() !== '') lines.push({ number, text });
    [pieces, held] = [[], 0];
    number += 1;
  }

  function cutChunk(lines: Line[], chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      take(lines, chunk.subarray(start, end));
      start = end + 1;
    }
    if (start === chunk.length) return;
    pieces.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > bytesMax) throw tooLong(code, number, bytesMax);
  }

  return (chunk) => {
    const lines: Line[] = [];
    try {
      if (chunk !== null) cutChunk(lines, chunk);
      else if (held > 0) take(lines, Buffer.alloc(0));
      return { lines, fault: null };
    } catch (error) {
      if (!(error instanceof CrosscheckError)) throw error;
      return { lines, fault: error };
    }
  };
}

function decode(bytes: Buffer, code: ErrorCode, line: number): string {
  const text = readUtf8(bytes);
  if (text === null) throw new CrosscheckError(code, `line ${line} is not UTF-8`, { line, expected: 'UTF-8' });
  return text;
}

function tooLong(code: ErrorCode, line: number, bytesMax: number): CrosscheckError {
  return new CrosscheckError(code, `line ${line} is longer than ${bytesMax} bytes`, {
    line,
    expected: `one JSON document a line, at most ${bytesMax} bytes`,
  });
}

/**
 * Reads each line as a document of one schema.
 *
 * @returns a function that throws CrosscheckError `code` with the number of a line that is not JSON or does not fit
 */
export function makeLineReader<Schema extends TSchema>(
  schema: Schema,
  code: ErrorCode,
): (line: Line) => Static<Schema> {
  const check = Compile(schema);
  return ({ number, text }) => {
    const document = parse(text, code, number);
    refuseUnstorable(document, text, code, number);
    if (check.Check(document)) return document;
    const [fault] = findFaults(schema, document);
    const { detail, ...hint } = fault ?? { detail: 'does not fit' };
    const expected = hint.expected === undefined ? '' : `, expected ${hint.expected}`;
    throw new CrosscheckError(code, `line ${number}: ${detail}${expected}`, { line: number, ...hint });
  };
}

function parse(text: string, code: ErrorCode, line: number): unknown {
  if (isDeeper(text))
    throw new CrosscheckError(code, `line ${line} nests too deep`, {
      line,
      expected: `at most ${JSON_DEPTH_MAX} levels`,
    });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CrosscheckError(code, `line ${line} is not JSON: ${(error as Error).message}`, {
      line,
      expected: 'one JSON document a line',
    });
  }
}

/** Only an escape can bring such a character in: looking for one first is cheaper than walking every document. */
function refuseUnstorable(document: unknown, text: string, code: ErrorCode, line: number): void {
  if (!/\\u(0000|[dD][89a-fA-F])/.test(text)) return;
  const field = findUnstorable(document, '');
  if (field === null) return;
  throw new CrosscheckError(code, `line ${line}: ${field} ${UNSTORABLE}`, { line, field });
}

/** Postgres keeps neither NUL nor half of a surrogate pair. */
export const UNSTORABLE = 'holds a character that cannot be kept: NUL, or half of a surrogate pair';

/** The path of a text that Postgres cannot keep, in a body or in a line; null when there is none. */
export function findUnstorable(value: unknown, path: string): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path.replace(/^\./, '');
  if (Array.isArray(value)) return firstOf(value.map((item, index) => [`${path}[${index}]`, item]));
  if (typeof value !== 'object' || value === null) return null;
  if (!Object.keys(value).every(isStorable)) return path.replace(/^\./, '') || 'the name of a field';
  return firstOf(Object.entries(value).map(([key, inner]) => [`${path}.${key}`, inner]));
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function firstOf(entries: [string, unknown][]): string | null {
  for (const [path, value] of entries) {
    const found = findUnstorable(value, path);
    if (found !== null) return found;
  }
  return null;
}
