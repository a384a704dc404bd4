import { type Behaviour, CrosscheckError } from '@crosscheck/contracts';
import { copyLines, toCopyField } from './copy-text.ts';
import { type Db, only } from './pool.ts';

/** One labelled trial from elsewhere; model and condition by their ordinals in the sweep. */
export type ImportedTrial = {
  line: number;
  prompt: string;
  model: number;
  condition: number;
  sample: number;
  outcome: Behaviour;
  afReasoning: boolean | null;
  response: string | null;
};

/** What the rows of an import amount to. `prompts`: their ids with their ordinals, in the order of their first lines. */
export type ImportedRows = {
  trials: number;
  hasAfReasoning: boolean;
  prompts: ReadonlyMap<string, number>;
  counts: { model: number; condition: number; outcome: Behaviour; n: number }[];
};

/** Written at once: enough that round trips do not count, few enough that two batches are little memory. */
const BATCH_TRIALS = 16_000;
const PIECE_TRIALS = 500;
const BATCH_RESPONSE_CHARACTERS = 4_000_000;
/** Their ids are what is kept in memory of an import, some 100 bytes each. */
const PROMPTS_MAX = 500_000;
/** The line before it describes the sweep. A trial's line is its place in the order, so that the line can be named again. */
const FIRST_LINE = 2;
const UNIQUE_VIOLATION = '23505';

/**
 * Copies trials straight into their tables, a batch at a time, while the next batch is read: no line is written twice and none is kept. Ids
 * are drawn beforehand, because verdicts refer to them. The order of an import's trials is that of its lines: nothing was fixed before
 * the answers, so nothing may be looked at early.
 *
 * @param trials     in the order of their lines; what they throw comes out unchanged, unless an earlier line is wrong itself
 * @param beforeEach told how many trials there will be, before each batch
 * @throws CrosscheckError IMPORT_LINE_INVALID for a trial that came before, or too many prompts
 */
export async function copyImportedRows(
  db: Db,
  sweepId: string,
  trials: AsyncIterable<ImportedTrial[]>,
  beforeEach: (trials: number) => Promise<void>,
): Promise<ImportedRows> {
  const { rows } = await db.query<{ now: string }>('select now()::text as now');
  const tally = makeTally();
  const at: Constants = { sweepId, settledAt: only(rows).now, ordinalOf: tally.ordinalOf };
  let writing = Promise.resolve();
  try {
    for await (const batch of gather(trials)) {
      for (const trial of batch) tally.add(trial);
      await writing;
      await beforeEach(tally.trials());
      writing = writeBatch(db, at, batch);
      // Somebody listens to it below, later than Node wants to know.
      writing.catch(() => {});
    }
  } finally {
    // Also when a line could not be read: one of an earlier batch may be wrong too, and comes first.
    await writing;
  }
  return tally.end();
}

type Constants = { sweepId: string; settledAt: string; ordinalOf: (trial: ImportedTrial) => number };

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

async function writeBatch(db: Db, at: Constants, batch: readonly ImportedTrial[]): Promise<void> {
  const ids = await drawIds(db, batch.length);
  await db.query('savepoint batch');
  try {
    await copyLines(
      db,
      `trial (${TRIAL_COLUMNS})`,
      toRows(batch, ids, (trial, id) => toTrialRow(at, trial, id)),
    );
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    // Looked for only now: the index finds a repeated trial anyway.
    await db.query('rollback to savepoint batch');
    throw (await findRepeated(db, at, batch)) ?? error;
  }
  await db.query('release savepoint batch');
  await copyLines(db, `verdict (${VERDICT_COLUMNS})`, toRows(batch, ids, toVerdictRows));
  if (batch.every(({ response }) => response === null)) return;
  await copyLines(db, `response (${RESPONSE_COLUMNS})`, toRows(batch, ids, toResponseRow));
}

async function drawIds(db: Db, n: number): Promise<string[]> {
  const { rows } = await db.query<{ ids: string }>(
    // The sequence is looked up once: by name, for each id, it costs as much as a row.
    `with sequence as materialized (select pg_get_serial_sequence('trial', 'id')::regclass as of)
     select string_agg(nextval(of)::text, ' ') as ids from sequence, generate_series(1, $1)`,
    [n],
  );
  return only(rows).ids.split(' ');
}

const TRIAL_COLUMNS = 'id, sweep_id, model, condition, prompt, sample, position, state, outcome, settled_at';
const VERDICT_COLUMNS = 'trial_id, grader, measures, label, votes, version, detail';
const RESPONSE_COLUMNS =
  'trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated';

type ToRow = (trial: ImportedTrial, id: string) => string;

/** Rows in small pieces, made when they are sent: a text of a whole batch lives long enough to fill the memory of the process. */
function* toRows(batch: readonly ImportedTrial[], ids: readonly string[], toRow: ToRow): Generator<string> {
  for (let from = 0; from < batch.length; from += PIECE_TRIALS) {
    let rows = '';
    for (const [index, trial] of batch.slice(from, from + PIECE_TRIALS).entries())
      rows += toRow(trial, ids[from + index] ?? '');
    yield rows;
  }
}

const toTrialRow = (at: Constants, trial: ImportedTrial, id: string): string =>
  `${id}\t${at.sweepId}\t${trial.model}\t${trial.condition}\t${at.ordinalOf(trial)}\t${trial.sample}\t${trial.line - FIRST_LINE}\tsettled\t${trial.outcome}\t${at.settledAt}\n`;

/** Its label is what a trial was given, so the grader of compliance says the outcome itself. */
function toVerdictRows({ outcome, afReasoning }: ImportedTrial, id: string): string {
  const compliance = `${id}\t0\tcompliance\t${outcome}\t0\timported\t{}\n`;
  if (afReasoning === null) return compliance;
  return `${compliance}${id}\t1\taf_reasoning\t${afReasoning ? 'yes' : 'no'}\t0\timported\t{}\n`;
}

const toResponseRow = ({ response }: ImportedTrial, id: string): string =>
  response === null ? '' : `${id}\t${toCopyField(response)}\timported\timported\t\timported\t{}\tnone\tf\n`;

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
