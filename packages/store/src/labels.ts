import { CrosscheckError, type ErrorHint, type HumanLabelWord, type Measure } from '@crosscheck/contracts';
import { newId } from './ids.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';

/** A label on its way in. `where` says where it stood in what was sent, for the error that refuses it. */
export type IncomingLabel = {
  trial: string;
  measure: Measure;
  label: HumanLabelWord;
  labeller: string;
  codebook: string;
  blind: boolean;
  note: string | null;
  at: Date;
  where: ErrorHint;
};

export type LabelBatch = { sweepId: string; keyId: string; labels: readonly IncomingLabel[] };

export type LabelRow = Omit<IncomingLabel, 'where'> & {
  id: string;
  stale: boolean;
  model: string;
  condition: string;
  prompt: string;
  sample: number;
};

/**
 * Keeps labels of a sweep's trials, all or none. The same label again changes nothing; what another person says of the same trial stands
 * beside it. A label of an answer that is gone gives way to one of the present answer.
 *
 * @throws CrosscheckError LABEL_INVALID for a trial that is not the sweep's or has not settled, LABEL_CONFLICT where the labeller has
 *   said something else
 */
export async function keepLabels(
  pool: Pool,
  { sweepId, keyId, labels }: LabelBatch,
): Promise<{ kept: number; unchanged: number; ids: string[] }> {
  refuseContradictions(labels);
  return inTransaction(pool, async (db) => {
    await refuseStrangers(db, sweepId, labels);
    const unique = [...new Map(labels.map((label) => [keyOf(label), label])).values()];
    const rows = unique.map(({ where: _where, at, ...label }) => ({ id: newId(), at: at.toISOString(), ...label }));
    const inserted = await db.query(INSERT, [sweepId, keyId, JSON.stringify(rows)]);
    const standing = await db.query<Standing>(STANDING, [JSON.stringify(rows)]);
    const ids = new Map(standing.rows.map((row) => [keyOf(row), row]));
    for (const label of unique) refuseOther(label, ids.get(keyOf(label)));
    const kept = inserted.rowCount ?? 0;
    return { kept, unchanged: labels.length - kept, ids: unique.map((label) => ids.get(keyOf(label))?.id ?? '') };
  });
}

type Key = Pick<IncomingLabel, 'trial' | 'measure' | 'labeller' | 'codebook'>;
type Standing = Key & { id: string; label: string };

const keyOf = ({ trial, measure, labeller, codebook }: Key): string =>
  JSON.stringify([trial, measure, labeller, codebook]);

const INSERT = `
  insert into human_label (id, trial_id, sweep_id, measure, label, labeller, codebook, blind, note, answer_hash, api_key_id, labelled_at)
  select l.id, l.trial, $1, l.measure, l.label, l.labeller, l.codebook, l.blind, l.note, r.text_hash, $2, l.at
  from jsonb_to_recordset($3::jsonb) as l(id uuid, trial bigint, measure text, label text, labeller text, codebook text, blind boolean,
    note text, at timestamptz)
  left join response r on r.trial_id = l.trial
  order by l.trial
  on conflict (trial_id, measure, labeller, codebook) do update set label = excluded.label, blind = excluded.blind, note = excluded.note,
    answer_hash = excluded.answer_hash, api_key_id = excluded.api_key_id, labelled_at = excluded.labelled_at
    where human_label.answer_hash is distinct from excluded.answer_hash`;

const STANDING = `
  select h.id, h.trial_id as trial, h.measure, h.labeller, h.codebook, h.label
  from jsonb_to_recordset($1::jsonb) as l(trial bigint, measure text, labeller text, codebook text)
  join human_label h on h.trial_id = l.trial and h.measure = l.measure and h.labeller = l.labeller and h.codebook = l.codebook`;

/** What is sent at once is held together first: a label cannot stand beside its opposite of the same labeller. */
function refuseContradictions(labels: readonly IncomingLabel[]): void {
  const first = new Map<string, IncomingLabel>();
  for (const label of labels) {
    const key = keyOf(label);
    refuseOther(label, first.get(key));
    first.set(key, label);
  }
}

function refuseOther(label: IncomingLabel, other: { label: string } | undefined): void {
  if (other === undefined || other.label === label.label) return;
  const { trial, labeller, codebook } = label;
  throw new CrosscheckError(
    'LABEL_CONFLICT',
    `${labeller} says ${other.label} of trial ${trial} under codebook ${codebook}: take that label back before saying ${label.label}`,
    { ...label.where, got: label.label, expected: other.label },
  );
}

async function refuseStrangers(db: Db, sweepId: string, labels: readonly IncomingLabel[]): Promise<void> {
  const { rows } = await db.query<{ id: string; state: string }>(
    'select id, state from trial where sweep_id = $1 and id = any ($2::bigint[])',
    [sweepId, [...new Set(labels.map(({ trial }) => trial))]],
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  for (const { trial, where } of labels) {
    if (states.get(trial) === 'settled') continue;
    const detail = states.has(trial) ? `trial ${trial} has not settled yet` : `the sweep has no trial ${trial}`;
    throw new CrosscheckError('LABEL_INVALID', detail, {
      ...where,
      got: trial,
      expected: 'a settled trial of the sweep',
    });
  }
}

/** The labels of a sweep, or of one measure or trial of it, trial by trial. */
export async function listLabels(
  db: Db,
  sweepId: string,
  { measure, trial }: { measure?: Measure | undefined; trial?: string | undefined } = {},
): Promise<LabelRow[]> {
  const { rows } = await db.query<LabelRow>(
    `select h.id, h.trial_id as trial, h.measure, h.label, h.labeller, h.codebook, h.blind, h.note, h.labelled_at as at,
       h.answer_hash is distinct from r.text_hash as stale, m.ref as model, c.id as condition, coalesce(p.id, t.prompt::text) as prompt, t.sample
     from human_label h
     join trial t on t.id = h.trial_id
     join sweep s on s.id = t.sweep_id
     join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
     join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
     left join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
     left join response r on r.trial_id = t.id
     where h.sweep_id = $1 and ($2::text is null or h.measure = $2) and ($3::bigint is null or h.trial_id = $3)
     order by h.trial_id, h.measure, h.codebook, h.labeller`,
    [sweepId, measure ?? null, trial ?? null],
  );
  return rows;
}

/**
 * Takes back a label.
 *
 * @param keyId whose labels may go; null: everybody's of the team
 * @throws CrosscheckError LABEL_UNKNOWN, also for another team's; SCOPE_MISSING for one that another key sent
 */
export async function deleteLabel(
  pool: Pool,
  { id, teamId, keyId }: { id: string; teamId: string; keyId: string | null },
): Promise<void> {
  await inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ own: boolean }>(
      `select ($3::uuid is null or h.api_key_id is not distinct from $3) as own
       from human_label h join sweep s on s.id = h.sweep_id where h.id = $1 and s.team_id = $2 for update of h`,
      [id, teamId, keyId],
    );
    if (!rows[0]) throw new CrosscheckError('LABEL_UNKNOWN', `there is no label ${id}`, { got: id });
    if (!rows[0].own) {
      throw new CrosscheckError(
        'SCOPE_MISSING',
        'another API key sent this label: only that one or an admin takes it back',
        {
          expected: 'admin',
        },
      );
    }
    await db.query('delete from human_label where id = $1', [id]);
  });
}
