import { count, counted, type PowerPlan } from '@crosscheck/contracts';
import { points } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

type Needed = PowerPlan['needed'][number];
/** One line for a number of prompts, with the smallest gap at each number of samples. */
type Row = { prompts: number; gaps: PowerPlan['detectable'] };

/** A plan as people read it: what the gap takes, what is in reach of given sizes, and what to mind. */
export function renderPower(plan: PowerPlan, width?: number): string {
  const { delta, power, alpha, needed, detectable } = plan;
  const samples = [...new Set(detectable.map((each) => each.samples))];
  const rows = Object.values(Object.groupBy(detectable, ({ prompts }) => prompts)).map((gaps = []): Row => ({
    prompts: gaps[0]?.prompts ?? 0,
    gaps,
  }));
  const columns: Column<Row>[] = samples.map((each) => ({
    title: `${each} a prompt`,
    align: 'right',
    show: ({ gaps }) => points(gaps.find((gap) => gap.samples === each)?.gap ?? null),
  }));
  const parts = [
    sourceOf(plan),
    `prompts to find a gap of ${points(delta)} points with a chance of ${percentOf(power)} at a level of ${percentOf(alpha)}`,
    renderTable(NEEDED, needed, width).trimEnd(),
    '',
    'smallest gap in reach, percentage points',
    renderTable([{ title: 'prompts', show: ({ prompts }) => count(prompts), align: 'right' }, ...columns], rows, width),
    ...reasonsOf(plan).map((reason) => `No number: ${plain(reason)}.`),
    ...plan.notes.map((note) => `Note: ${plain(note)}.`),
  ];
  return `${parts.join('\n')}\n`;
}

const NEEDED: readonly Column<Needed>[] = [
  { title: 'samples', show: ({ samples }) => count(samples), align: 'right' },
  { title: 'prompts', show: ({ prompts }) => (prompts === null ? '–' : count(prompts)), align: 'right' },
  { title: 'trials', show: ({ trials }) => (trials === null ? '–' : count(trials)), align: 'right' },
  { title: 'USD', show: ({ usd }) => (usd === null ? '–' : usd.toFixed(2)), align: 'right' },
];

function sourceOf({ source, pilot, components }: PowerPlan): string {
  const { omega2, sigma2Treatment, sigma2Control } = components;
  const variances = `omega2 ${variance(omega2)}, sigma2 ${variance(sigma2Treatment)} and ${variance(sigma2Control)}`;
  if (source === 'defaults') return `WITHOUT A PILOT: typical variances of published cells (${variances})\n`;
  if (pilot === null) return `variances as given: ${variances}\n`;
  const { model, contrast, grader, pairs, simulated } = pilot;
  const name = `${model}${simulated ? ' (simulated)' : ''}, ${contrast}, ${grader}`;
  return `pilot: ${plain(name)}: ${counted(pairs, 'pair')}, ${variances}\n`;
}

const variance = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(4));
const percentOf = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

function reasonsOf({ needed, detectable }: PowerPlan): string[] {
  return [...new Set([...needed, ...detectable].flatMap(({ why }) => why ?? []))];
}
