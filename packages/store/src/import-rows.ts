import { type Behaviour, CrosscheckError } from '@crosscheck/contracts';
import { copyBinary } from './copy-binary.ts';
import { copyLines } from './copy-text.ts';
import {
  FIRST_LINE,
  type ImportColumns,
  type ImportedRow,
  type ImportedTrial,
  makeImportColumns,
  toVerdicts,
} from './import-columns.ts';
import type { Db, Pool } from './pool.ts';
import { makeTrialIds } from './trial-ids.ts';

/** What the rows of an import amount to. `prompts`: their ids with their ordinals, in the order of their first lines. */
export type ImportedRows = {
  trials: number;
  hasAfReasoning: boolean;
  prompts: ReadonlyMap<string, number>;
  counts: { model: number; condition: number; outcome: Behaviour; n: number }[];
};

/** Written at once: enough that round trips do not count, few enough that two batches are little memory. */
const BATCH_TRIALS = 16_000;
const BATCH_RESPONSE_CHARACTERS = 4_000_000;
/** Their ids are what is kept in memory of an import, some 100 bytes each. */
const PROMPTS_MAX = 500_000;
const UNIQUE_VIOLATION = '23505';

/**
 * Copies trials straight into their tables, a batch at a time, while the next batch is read: no line is written twice and none is kept. Ids
 * are drawn beforehand, because verdicts refer to them. The order of an import's trials is that of its lines: nothing was fixed before
 * the answers, so nothing may be looked at early.
 *
 * @param trials     in the order of their lines; what they throw comes out unchanged, unless an earlier line is wrong itself
 * @param pool       for what needs no transaction, and is done while the transaction writes
 * @param beforeEach told how many trials there will be, before each batch
 * @throws CrosscheckError IMPORT_LINE_INVALID for a trial that came before, or too many prompts
 */
export async function copyImportedRows(
  db: Db,
  sweepId: string,
  trials: AsyncIterable<ImportedTrial[]>,
  { pool, beforeEach }: { pool: Pool; beforeEach: (trials: number) => Promise<void> },
): Promise<ImportedRows> {
  const tally = makeTally();
  const at: Constants = {
    sweepId,
    ordinalOf: tally.ordinalOf,
    columns: await makeImportColumns(db, sweepId, tally.ordinalOf),
  };
  const takeIds = makeTrialIds(pool, { ahead: BATCH_TRIALS });
  let writing = Promise.resolve();
  try {
    for await (const batch of gather(trials)) {
      for (const trial of batch) tally.add(trial);
      await beforeEach(tally.trials());
      const ids = await takeIds(batch.length);
      await writing;
      writing = writeBatch(db, at, toRows(batch, ids));
      // Somebody listens to it below, later than Node wants to know.
      writing.catch(() => {});
    }
  } finally {
    // Also when a line could not be read: one of an earlier batch may be wrong too, and comes first.
    await writing;
  }
  return tally.end();
}

type Constants = { sweepId: string; ordinalOf: (trial: ImportedTrial) => number; columns: ImportColumns };

async function* gather(trials: AsyncIterable<ImportedTrial[]>): AsyncGenerator<ImportedTrial[]> {
  let [batch, characters]: [ImportedTrial[], number] = [[], 0];
  for await (const some of trials) {
    for (const trial of some) {
      batch.push(trial);
      characters += trial.response?.length ?? 0;
    }
    if (batch.length < BATCH_TRIALS && characters < BATCH_RESPONSE_CHARACTERS) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function makeTally() {
  const prompts = new Map<string, number>();
  const counts = new Map<string, ImportedRows['counts'][number]>();
  let [trials, hasAfReasoning] = [0, false];
  return {
    add({ line, prompt, model, condition, outcome, afReasoning }: ImportedTrial): void {
      if (!prompts.has(prompt)) prompts.set(prompt, prompts.size);
      if (prompts.size > PROMPTS_MAX) throw tooManyPrompts(line);
      const key = `${model} ${condition} ${outcome}`;
      const count = counts.get(key);
      if (count) count.n += 1;
      else counts.set(key, { model, condition, outcome, n: 1 });
      trials += 1;
      hasAfReasoning ||= afReasoning !== null;
    },
    ordinalOf: ({ prompt }: ImportedTrial): number => prompts.get(prompt) as number,
    trials: () => trials,
    end: (): ImportedRows => ({ trials, hasAfReasoning, prompts, counts: [...counts.values()] }),
  };
}

function tooManyPrompts(line: number): CrosscheckError {
  return new CrosscheckError('IMPORT_LINE_INVALID', `line ${line} brings prompt ${PROMPTS_MAX + 1}`, {
    line,
    expected: `at most ${PROMPTS_MAX} prompts in one import`,
  });
}

const toRows = (batch: readonly ImportedTrial[], ids: readonly number[]): ImportedRow[] =>
  batch.map((trial, index) => ({ trial, id: ids[index] as number }));

async function writeBatch(db: Db, at: Constants, rows: readonly ImportedRow[]): Promise<void> {
  const { trial, verdict, response } = at.columns;
  try {
    await copyBinary(db, { ...trial, rows, first: 'savepoint batch' });
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    // Looked for only now: the index finds a repeated trial anyway.
    await db.query('rollback to savepoint batch');
    const batch = rows.map((row) => row.trial);
    throw (await findRepeated(db, at, batch)) ?? error;
  }
  await copyBinary(db, { ...verdict, rows: toVerdicts(rows), first: 'release savepoint batch' });
  if (rows.some((row) => row.trial.response !== null)) await copyLines(db, response.into, response.toLines(rows));
}

/** The first line of a batch that repeats an earlier one, of this batch or of one that is written already. */
async function findRepeated(db: Db, at: Constants, batch: readonly ImportedTrial[]): Promise<CrosscheckError | null> {
  const seen = new Map(await readWritten(db, at, batch));
  for (const trial of batch) {
    const key = keyOf(at, trial);
    const first = seen.get(key);
    if (first !== undefined) return repeated(trial, first);
    seen.set(key, trial.line);
  }
  return null;
}

/** The trials of a batch that earlier batches have, with their lines. */
async function readWritten(
  db: Db,
  at: Constants,
  batch: readonly ImportedTrial[],
): Promise<[key: string, line: number][]> {
  const { rows } = await db.query<TrialKey & { position: number }>(
    `select model, condition, prompt, sample, t.position from trial t
     join unnest($2::smallint[], $3::smallint[], $4::int[], $5::smallint[]) as n(model, condition, prompt, sample) using (model, condition, prompt, sample)
     where t.sweep_id = $1`,
    [
      at.sweepId,
      batch.map((trial) => trial.model),
      batch.map((trial) => trial.condition),
      batch.map((trial) => at.ordinalOf(trial)),
      batch.map((trial) => trial.sample),
    ],
  );
  return rows.map(({ position, ...row }) => [toKey(row), position + FIRST_LINE]);
}

type TrialKey = { model: number; condition: number; prompt: number; sample: number };
const toKey = ({ model, condition, prompt, sample }: TrialKey): string => `${model} ${condition} ${prompt} ${sample}`;
const keyOf = (at: Constants, trial: ImportedTrial): string => toKey({ ...trial, prompt: at.ordinalOf(trial) });

function repeated({ line, prompt }: ImportedTrial, first: number): CrosscheckError {
  return new CrosscheckError('IMPORT_LINE_INVALID', `line ${line} is the same trial as line ${first}`, {
    line,
    got: prompt,
    expected: 'each prompt, condition, model and sample once',
  });
}
