import { createHash } from 'node:crypto';

/**
 * A backup is a text: a line of JSON that says what it is, the rows of each table in COPY's text format between a line of JSON and `\.`, where
 * the counters of ids stand, and at the end how many rows there were and the SHA-256 of all bytes before. One that was cut off, or in which
 * a byte was changed, is told by its end.
 */
export type BackupHeader = {
  crosscheck: 'backup';
  /** of this form: a build reads its own and earlier ones */
  format: number;
  /** the last migration of the database, and the SHA-256 of its text */
  schema: { number: number; sha256: string };
  /** of the snapshot, ISO 8601 */
  takenAt: string;
  /** of Postgres */
  server: string;
};
export type BackupTable = { table: string; columns: string[] };
export type BackupSequences = { sequences: { table: string; column: string; next: string }[] };
export type BackupEnd = { rows: Record<string, number>; sha256: string };

export const FORMAT = 1;
const ROWS_END = '\\.\n';

/** Each answers the bytes to write. */
export type BackupWriter = {
  line: (value: BackupHeader | BackupTable | BackupSequences) => Buffer;
  rows: (bytes: Buffer) => Buffer;
  endOfRows: () => Buffer;
  /** the last line, with the number of rows by table */
  end: (rows: Record<string, number>) => Buffer;
};

export type BackupReader = {
  line: () => Promise<unknown>;
  /** The rows of a table in pieces of any size; to be read to their end before the next line. */
  rows: () => AsyncGenerator<Buffer>;
  /** SHA-256 of all that was read, without the line of the end; to be asked once */
  digest: () => string;
};

/** Writes the parts of a backup. */
export function makeBackupWriter(): BackupWriter {
  const hash = createHash('sha256');
  const hashed = (bytes: Buffer): Buffer => {
    hash.update(bytes);
    return bytes;
  };
  const toLine = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
  return {
    line: (value: BackupHeader | BackupTable | BackupSequences) => hashed(toLine(value)),
    rows: hashed,
    endOfRows: () => hashed(Buffer.from(ROWS_END)),
    end: (rows: Record<string, number>) => toLine({ rows, sha256: hash.digest('hex') } satisfies BackupEnd),
  };
}

/**
 * Reads the parts in the order in which they were written.
 *
 * @throws Error when the text ends early, or is none of ours
 */
export function makeBackupReader(chunks: AsyncIterable<Buffer>): BackupReader {
  const source = chunks[Symbol.asyncIterator]();
  const hash = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<void> {
    const { value, done } = await source.next();
    if (done) throw new Error('the backup ends early: it was cut off while it was written or copied');
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
  }
  function take(bytes: number): Buffer {
    const taken = rest.subarray(0, bytes);
    rest = rest.subarray(bytes);
    return taken;
  }
  async function readLine(): Promise<Buffer> {
    let end = rest.indexOf('\n');
    while (end === -1) {
      if (rest.length > LINE_BYTES_MAX) throw new Error('this is no backup: a line of it is too long');
      await more();
      end = rest.indexOf('\n');
    }
    return take(end + 1);
  }

  return {
    async line() {
      const line = await readLine();
      const value = parse(line);
      // The end bears the hash of everything before it.
      if (!('sha256' in value)) hash.update(line);
      return value;
    },
    async *rows() {
      while (rest.length < ROWS_END.length) await more();
      if (!rest.subarray(0, ROWS_END.length).equals(Buffer.from(ROWS_END))) {
        let end = rest.indexOf(`\n${ROWS_END}`);
        while (end === -1) {
          // The end may lie across two pieces.
          const piece = take(rest.length - ROWS_END.length);
          hash.update(piece);
          if (piece.length > 0) yield piece;
          await more();
          end = rest.indexOf(`\n${ROWS_END}`);
        }
        const last = take(end + 1);
        hash.update(last);
        yield last;
      }
      hash.update(take(ROWS_END.length));
    },
    digest: () => hash.digest('hex'),
  };
}

const LINE_BYTES_MAX = 1_000_000;

function parse(line: Buffer): object {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // told below
  }
  throw new Error('this is no backup, or its beginning was changed');
}
