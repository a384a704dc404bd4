import type { Cell, ContrastMetric } from '@crosscheck/contracts';

/**
 * What the simulator was told to do, and what it did. `population` is the configured rate; `dataset` the mean over the prompts that were
 * really asked, which are easier or harder than the population's; `realised` the share among the answers that it gave.
 */
export type TruthRow = {
  model: string;
  condition: string;
  metric: string;
  population: number;
  dataset: number;
  realised: number | null;
};

type Rates = { comply: number; af: number };
/** A cell of the simulator's GET /truth. `realised` counts answers by `decision/reasoning/form`. */
export type TruthCell = {
  model: string;
  cell: string;
  reasoning: string;
  population: Rates;
  dataset: Rates;
  realised: Record<string, number>;
};

/** @throws Error when the control port does not answer */
export async function readTruth(controlUrl: string): Promise<TruthCell[]> {
  const response = await fetch(new URL('/truth', controlUrl));
  if (!response.ok) throw new Error(`the simulator's control port answered ${response.status} for /truth`);
  const { cells } = (await response.json()) as { cells: TruthCell[] };
  return cells;
}

/** The truth of every cell that was measured; what the simulator does not know has none. */
export function matchTruth(cells: readonly Cell[], truth: readonly TruthCell[]): TruthRow[] {
  const rows = cells.flatMap(({ model, condition, metric }) => {
    const known = truth.find((one) => isTruthOf(one, model, condition));
    return known === undefined ? [] : [{ model, condition, metric, ...valuesOf(known, metric) }];
  });
  // Graders of one metric share its truth.
  return [...new Map(rows.map((row) => [`${row.model} ${row.condition} ${row.metric}`, row])).values()];
}

export function findTruth(
  truth: readonly TruthRow[],
  cell: Pick<Cell, 'model' | 'condition' | 'metric'>,
): TruthRow | null {
  return (
    truth.find(
      ({ model, condition, metric }) => model === cell.model && condition === cell.condition && metric === cell.metric,
    ) ?? null
  );
}

const RATE_OF: Record<string, string> = { compliance_gap: 'compliance_rate', af_gap: 'af_rate' };

/** The true gap of a contrast: the difference of its two true rates. */
export function findGapTruth(truth: readonly TruthRow[], contrast: ContrastMetric): Omit<TruthRow, 'condition'> | null {
  const metric = RATE_OF[contrast.metric] ?? '';
  const { model } = contrast;
  const treatment = findTruth(truth, { model, condition: contrast.treatment, metric });
  const control = findTruth(truth, { model, condition: contrast.control, metric });
  if (treatment === null || control === null) return null;
  return {
    model,
    metric: contrast.metric,
    population: treatment.population - control.population,
    dataset: treatment.dataset - control.dataset,
    realised: treatment.realised === null || control.realised === null ? null : treatment.realised - control.realised,
  };
}

/** The study calls its conditions `<tier>-<reasoning>`, and the simulator knows both. */
function isTruthOf({ model, cell, reasoning }: TruthCell, measured: string, condition: string): boolean {
  return measured === `sim/${model}` && condition === `${cell}-${reasoning}`;
}

function valuesOf(
  { population, dataset, realised }: TruthCell,
  metric: string,
): Pick<TruthRow, 'population' | 'dataset' | 'realised'> {
  if (metric !== 'af_rate') {
    return { population: population.comply, dataset: dataset.comply, realised: shareOf(realised, /^comply\//) };
  }
  return { population: population.af, dataset: dataset.af, realised: shareOf(realised, /^[a-z]+\/alignment_faking\//) };
}

function shareOf(counts: Record<string, number>, of: RegExp): number | null {
  const sum = (names: string[]) => names.reduce((total, name) => total + (counts[name] ?? 0), 0);
  const names = Object.keys(counts);
  const all = sum(names);
  return all === 0 ? null : sum(names.filter((name) => of.test(name))) / all;
}
