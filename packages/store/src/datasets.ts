import { createHash } from 'node:crypto';
import { CrosscheckError, type Prompt } from '@crosscheck/contracts';
import { copyLines, toCopyField } from './copy-text.ts';
import { newId } from './ids.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { requireStorage } from './quotas.ts';

export type DatasetRow = {
  id: string;
  teamId: string;
  name: string;
  version: string;
  prompts: number;
  createdAt: Date;
};

const COLUMNS = `id, team_id as "teamId", name, version, prompts, created_at as "createdAt"`;
const UNIQUE_VIOLATION = '23505';

/**
 * Streams prompts into a dataset, in their order and in bounded memory. Its version is the hash of its content: the same prompts under the
 * same name give the dataset that is already there.
 *
 * @param prompts what it throws comes out unchanged, and nothing of the dataset stays
 * @throws CrosscheckError DATASET_EMPTY, ID_DUPLICATE, QUOTA_EXCEEDED
 */
export async function writeDataset(
  pool: Pool,
  { teamId, name, prompts }: { teamId: string; name: string; prompts: AsyncIterable<Prompt> | Iterable<Prompt> },
): Promise<DatasetRow> {
  await requireStorage(pool, teamId);
  return inTransaction(pool, async (db) => {
    const id = newId();
    // The row goes first, for the prompts refer to it; its version and size are known at the end.
    await db.query('insert into dataset (id, team_id, name, version, prompts) values ($1, $2, $3, $4, 1)', [
      id,
      teamId,
      name,
      `uploading ${id}`,
    ]);
    const { version, count, bytes } = await copyPrompts(db, id, prompts);
    if (count === 0)
      throw new CrosscheckError('DATASET_EMPTY', 'the dataset has no prompt: send at least one line', {
        expected: '{"id": "…", "text": "…"}',
      });
    // Two requests that write the same prompts at once: the second waits, then finds what the first one wrote.
    await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [`${teamId}/${name}`, version]);
    const same = await db.query<DatasetRow>(
      `select ${COLUMNS} from dataset where team_id = $1 and name = $2 and version = $3`,
      [teamId, name, version],
    );
    if (same.rows[0]) {
      await db.query('delete from dataset where id = $1', [id]);
      return same.rows[0];
    }
    const { rows } = await db.query<DatasetRow>(
      `update dataset set version = $2, prompts = $3, bytes = $4 where id = $1 returning ${COLUMNS}`,
      [id, version, count, bytes],
    );
    return only(rows);
  });
}

async function copyPrompts(
  db: Db,
  datasetId: string,
  prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
): Promise<{ version: string; count: number; bytes: number }> {
  const hash = createHash('sha256');
  let count = 0;
  let bytes = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const { id, text, variables, labels } of prompts) {
      const line = JSON.stringify([id, text, variables ?? null, labels ?? null]);
      hash.update(line).update('\n');
      bytes += Buffer.byteLength(line);
      yield `${datasetId}\t${count}\t${toCopyField(id)}\t${toCopyField(text)}\t${toCopyJson(variables)}\t${toCopyJson(labels)}\n`;
      count += 1;
    }
  }
  try {
    await copyLines(db, 'dataset_prompt (dataset_id, ordinal, id, text, variables, labels)', lines());
  } catch (error) {
    throw toDuplicateError(error) ?? error;
  }
  return { version: hash.digest('hex').slice(0, 16), count, bytes };
}

function toCopyJson(value: unknown): string {
  return toCopyField(value === undefined ? null : JSON.stringify(value));
}

function toDuplicateError(error: unknown): CrosscheckError | null {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code !== UNIQUE_VIOLATION) return null;
  const id = /\(dataset_id, id\)=\([^,]*, (.*)\) already/s.exec(detail ?? '')?.[1] ?? '';
  return new CrosscheckError('ID_DUPLICATE', `two prompts of the dataset have the id "${id}"`, {
    field: 'id',
    got: id,
    expected: 'an id of its own for each prompt',
  });
}

export async function listDatasets(
  db: Db,
  teamId: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<DatasetRow[]> {
  const { rows } = await db.query<DatasetRow>(
    `select ${COLUMNS} from dataset where team_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [teamId, after ?? null, limit],
  );
  return rows;
}

export async function readDataset(db: Db, teamId: string, id: string): Promise<DatasetRow | null> {
  const { rows } = await db.query<DatasetRow>(`select ${COLUMNS} from dataset where team_id = $1 and id = $2`, [
    teamId,
    id,
  ]);
  return rows[0] ?? null;
}

/** The newest dataset of that name, or the one of a given version. */
export async function findDataset(
  db: Db,
  teamId: string,
  { name, version }: { name: string; version?: string | undefined },
): Promise<DatasetRow | null> {
  const { rows } = await db.query<DatasetRow>(
    `select ${COLUMNS} from dataset where team_id = $1 and name = $2 and ($3::text is null or version = $3) order by created_at desc, id desc limit 1`,
    [teamId, name, version ?? null],
  );
  return rows[0] ?? null;
}

/** A page of prompts in their order, from `from` on. */
export async function readPrompts(
  db: Db,
  datasetId: string,
  { from, limit }: { from: number; limit: number },
): Promise<Prompt[]> {
  const { rows } = await db.query<Prompt>(
    `select id, text, variables, labels from dataset_prompt where dataset_id = $1 and ordinal >= $2 order by ordinal limit $3`,
    [datasetId, from, limit],
  );
  return rows.map(dropNulls);
}

/** The prompts of a dataset that have one of the ids, in no order. */
export async function readPromptsById(db: Db, datasetId: string, ids: string[]): Promise<Prompt[]> {
  const { rows } = await db.query<Prompt>(
    'select id, text, variables, labels from dataset_prompt where dataset_id = $1 and id = any ($2::text[])',
    [datasetId, ids],
  );
  return rows.map(dropNulls);
}

/** A prompt that lacks one of the variables, or null when every prompt has them all. */
export async function findPromptWithout(
  db: Db,
  datasetId: string,
  variables: string[],
): Promise<{ id: string; missing: string } | null> {
  const { rows } = await db.query<{ id: string; missing: string }>(
    `select p.id, v.name as missing from dataset_prompt p cross join unnest($2::text[]) as v(name)
     where dataset_id = $1 and not coalesce(p.variables ? v.name, false) order by ordinal limit 1`,
    [datasetId, variables],
  );
  return rows[0] ?? null;
}

/**
 * A prompt that makes a request of more than `bytesMax`: bytes of the condition's own, and each value as often as it is placed. Null when none
 * does.
 */
export async function findPromptTooLarge(
  db: Db,
  datasetId: string,
  { ownBytes, uses, bytesMax }: { ownBytes: number; uses: ReadonlyMap<string, number>; bytesMax: number },
): Promise<{ id: string; bytes: number } | null> {
  const { rows } = await db.query<{ id: string; bytes: string }>(
    `select id, bytes from (
       select ordinal, id, $2::bigint + (select coalesce(sum(u.n * octet_length(case u.name when 'prompt' then text else variables->>u.name end)), 0)
         from unnest($3::text[], $4::bigint[]) as u(name, n)) as bytes
       from dataset_prompt where dataset_id = $1) sized
     where bytes > $5 order by ordinal limit 1`,
    [datasetId, ownBytes, [...uses.keys()], [...uses.values()], bytesMax],
  );
  return rows[0] ? { id: rows[0].id, bytes: Number(rows[0].bytes) } : null;
}

/** Mean and largest size of the prompts, bytes, for a quote. */
export async function measurePrompts(db: Db, datasetId: string): Promise<{ meanBytes: number; maxBytes: number }> {
  const { rows } = await db.query<{ meanBytes: number; maxBytes: number }>(
    `select coalesce(avg(octet_length(text)), 0)::float8 as "meanBytes", coalesce(max(octet_length(text)), 0)::int as "maxBytes"
     from dataset_prompt where dataset_id = $1`,
    [datasetId],
  );
  return only(rows);
}

function dropNulls<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row;
}
