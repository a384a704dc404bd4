import { type Behaviour, BEHAVIOURS, type Measure } from '@crosscheck/contracts';
import { type BinaryTable, toFields } from './copy-binary.ts';
import { toCopyField } from './copy-text.ts';
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

/** A trial that is written, with its id. */
export type ImportedRow = { id: number; trial: ImportedTrial };
type VerdictRow = { id: number; verdict: Buffer };

/** How the rows of an import are written into their tables. */
export type ImportColumns = {
  trial: BinaryTable<ImportedRow>;
  verdict: BinaryTable<VerdictRow>;
  /** as text: an answer may have any length, and hold anything */
  response: { into: string; toLines: (rows: readonly ImportedRow[]) => Iterable<string> };
};

/** The line before it describes the sweep. A trial's line is its place in the order, so that the line can be named again. */
export const FIRST_LINE = 2;

export async function makeImportColumns(
  db: Db,
  sweepId: string,
  ordinalOf: (trial: ImportedTrial) => number,
): Promise<ImportColumns> {
  const { rows } = await db.query<{ id: Buffer; now: Buffer }>(
    'select uuid_send($1::uuid) as id, timestamptz_send(now()) as now',
    [sweepId],
  );
  const { id, now } = only(rows);
  return {
    trial: makeTrialTable(toFields(id, 'settled', now), ordinalOf),
    verdict: VERDICT,
    response: { into: `response (${RESPONSE_COLUMNS})`, toLines: toResponseLines },
  };
}

/** What trials have in common comes first and what is of no fixed length last, so that each is put in at once. */
function makeTrialTable(common: Buffer, ordinalOf: (trial: ImportedTrial) => number): BinaryTable<ImportedRow> {
  const outcomes = byBehaviour((outcome) => toFields(outcome));
  return {
    into: 'trial (sweep_id, state, settled_at, id, model, condition, prompt, sample, position, outcome)',
    width: 10,
    write(to, { id, trial }) {
      to.fields(common);
      to.bigint(id);
      to.smallint(trial.model);
      to.smallint(trial.condition);
      to.integer(ordinalOf(trial));
      to.smallint(trial.sample);
      to.integer(trial.line - FIRST_LINE);
      to.fields(outcomes[trial.outcome]);
    },
  };
}

const VERDICT: BinaryTable<VerdictRow> = {
  into: 'verdict (trial_id, grader, measures, label, votes, version, detail)',
  width: 7,
  write(to, { id, verdict }) {
    to.bigint(id);
    to.fields(verdict);
  },
};
const COMPLIANCE = byBehaviour((outcome) => toVerdictFields(0, 'compliance', outcome));
const REASONING = { yes: toVerdictFields(1, 'af_reasoning', 'yes'), no: toVerdictFields(1, 'af_reasoning', 'no') };

/** Its label is what a trial was given, so the grader of compliance says the outcome itself. */
export function* toVerdicts(rows: readonly ImportedRow[]): Generator<VerdictRow> {
  for (const { id, trial } of rows) {
    yield { id, verdict: COMPLIANCE[trial.outcome] };
    if (trial.afReasoning !== null) yield { id, verdict: trial.afReasoning ? REASONING.yes : REASONING.no };
  }
}

function toVerdictFields(grader: 0 | 1, measures: Measure, label: string): Buffer {
  const votes = Buffer.from([0, 0]);
  // In binary a jsonb is its text after the number of its format.
  return toFields(Buffer.from([0, grader]), measures, label, votes, 'imported', '\u0001{}');
}

function byBehaviour<Value>(toValue: (outcome: Behaviour) => Value): Record<Behaviour, Value> {
  return Object.fromEntries(BEHAVIOURS.map((outcome) => [outcome, toValue(outcome)])) as Record<Behaviour, Value>;
}

const RESPONSE_COLUMNS =
  'trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated';

/** Made when they are sent: a text of a whole batch lives long enough to fill the memory of the process. */
function* toResponseLines(rows: readonly ImportedRow[]): Generator<string> {
  for (const { id, trial } of rows)
    if (trial.response !== null)
      yield `${id}\t${toCopyField(trial.response)}\timported\timported\t\timported\t{}\tnone\tf\n`;
}
