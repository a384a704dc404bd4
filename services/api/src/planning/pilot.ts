import { CrosscheckError, type PowerRequest } from '@crosscheck/contracts';
import { pairedGap, varianceComponents, type VarianceComponents } from '@crosscheck/stats';
import type { CellCount, SweepRow } from '@crosscheck/store';
import type { AnsweredCell } from '../answers/answered-cells.ts';

/** What a pilot says of the gap that is planned. */
export type Pilot = {
  sweep: string;
  contrast: string;
  grader: string;
  model: string;
  pairs: number;
  estimate: number | null;
  simulated: boolean;
  components: VarianceComponents;
  /** variance of the differences of its pairs, with as many samples as it had; null below two pairs */
  variancePerPair: number | null;
  /** valid samples that every prompt of its pairs has at most */
  samplesMax: number;
  /** null where a call has no price */
  usdPerTrial: number | null;
};

type PilotInput = {
  sweep: SweepRow;
  choice: Pick<PowerRequest, 'contrast' | 'grader' | 'model'>;
  cells: readonly AnsweredCell[];
  counts: readonly CellCount[];
};

const PICO_USD = 1e12;

/**
 * Reads the gap of a pilot that is meant: the first contrast, compliance grader and model of the sweep, unless named.
 *
 * @throws CrosscheckError REFERENCE_UNKNOWN when the sweep has no such contrast, grader or model
 */
export function readPilot({ sweep, choice, cells, counts }: PilotInput): Pilot {
  const { spec } = sweep;
  const contrast = choose('contrast', spec.contrasts, choice.contrast, ({ id }) => id);
  const compliance = spec.graders.filter(({ measures = 'compliance' }) => measures === 'compliance');
  const graders = choice.grader === undefined && compliance.length > 0 ? compliance : spec.graders;
  const grader = choose('grader', graders, choice.grader, ({ id }) => id).id;
  const model = choose('model', spec.models, choice.model, (ref) => ref);
  const armOf = (condition: string) =>
    cells.find((cell) => cell.model === model && cell.grader === grader && cell.condition === condition);
  const arms = [armOf(contrast.treatment), armOf(contrast.control)];
  const [treatment = [], control = []] = arms.map((arm) => arm?.tallies);
  const gap = pairedGap(treatment, control);
  const isOfPilot = (count: CellCount) =>
    count.model === model && [contrast.treatment, contrast.control].includes(count.condition);
  return {
    sweep: sweep.id,
    contrast: contrast.id,
    grader,
    model,
    pairs: gap.pairs,
    estimate: gap.gap,
    simulated: arms.some((arm) => arm?.simulated === true),
    components: varianceComponents(treatment, control),
    variancePerPair: gap.se === null ? null : gap.se ** 2 * gap.pairs,
    samplesMax: [...treatment, ...control].reduce((most, { valid }) => Math.max(most, valid), 0),
    usdPerTrial: toUsdPerTrial(counts.filter(isOfPilot)),
  };
}

function choose<Item>(
  field: string,
  items: readonly Item[],
  wanted: string | undefined,
  nameOf: (item: Item) => string,
): Item {
  const found = wanted === undefined ? items[0] : items.find((item) => nameOf(item) === wanted);
  if (found !== undefined) return found;
  const expected = items.length === 0 ? `a pilot with a ${field}` : items.map(nameOf).join(', ');
  const detail = wanted === undefined ? `the pilot has no ${field}` : `the pilot has no ${field} ${wanted}`;
  throw new CrosscheckError('REFERENCE_UNKNOWN', detail, { field, got: wanted ?? null, expected });
}

/** What was spent on the trials of both conditions, judges and lost calls included, for each of them that settled by a call. */
function toUsdPerTrial(counts: readonly CellCount[]): number | null {
  const total = (key: string) => counts.reduce((sum, each) => sum + (each.counts[key] ?? 0), 0);
  const settled = ANSWERED.reduce((sum, outcome) => sum + total(outcome), 0);
  const pico = total('pico_usd');
  return settled === 0 || pico === 0 ? null : pico / PICO_USD / settled;
}

/** Outcomes that took a call which was answered. */
const ANSWERED = [
  'complied',
  'partial',
  'refused',
  'undecided',
  'unparsed',
  'truncated',
  'api_refusal',
  'judge_failed',
];
