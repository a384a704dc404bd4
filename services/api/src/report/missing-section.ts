import { type Cell, count, type IncompletePairs, type Report } from '@crosscheck/contracts';
import { words } from './figures.ts';
import { outcomesTable, table } from './tables.ts';

/** Ids of prompts that a line shows; the JSON holds more. */
const SHOWN_MAX = 20;

/** What has no number: trials by outcome, what the provider stopped by its category, and prompts that are in no gap. */
export function missingSection({ outcomes, cells, incompletePairs }: Report): string {
  return outcomesTable(outcomes) + stoppedTable(cells) + unjudgedTable(cells) + incompleteTable(incompletePairs);
}

/** Graders of a cell saw the same trials: the first one of each tells. */
function stoppedTable(cells: readonly Cell[]): string {
  const stopped = cells.filter((cell) => Object.keys(refusalsOf(cell)).length > 0);
  const rows = [...Map.groupBy(stopped, ({ model, condition }) => JSON.stringify([model, condition])).values()].flatMap(
    ([first]) => first ?? [],
  );
  const categories = [...new Set(rows.flatMap((cell) => Object.keys(refusalsOf(cell))))].sort();
  return table<Cell>(
    'Answers that the provider stopped, by its category',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'condition', show: ({ condition }) => condition },
      ...categories.map((name) => ({
        title: words(name),
        show: (cell: Cell) => count(refusalsOf(cell)[name] ?? 0),
        isNumber: true,
      })),
    ],
    rows,
  );
}

/** What a rate of reasoning is a rate of: answers that have none, or were not shown to the judge, are in no denominator. */
function unjudgedTable(cells: readonly Cell[]): string {
  const of = (key: string) => (cell: Cell) => cell.missing[key] ?? 0;
  const [noReasoning, notJudged] = [of('no_reasoning'), of('not_judged')];
  return table<Cell>(
    'Reasoning: answers that a rate is of, and those that it leaves out',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'condition', show: ({ condition }) => condition },
      { title: 'grader', show: ({ grader }) => grader },
      { title: 'yes', show: ({ outcomes }) => count(outcomes?.['yes'] ?? 0), isNumber: true },
      { title: 'judged', show: ({ n }) => count(n), isNumber: true },
      { title: 'without reasoning', show: (cell) => count(noReasoning(cell)), isNumber: true },
      { title: 'not judged', show: (cell) => count(notJudged(cell)), isNumber: true },
    ],
    cells.filter((cell) => cell.metric === 'af_rate' && noReasoning(cell) + notJudged(cell) > 0),
  );
}

/** Numbers that an earlier version kept have none. */
const refusalsOf = ({ apiRefusals }: Cell): Record<string, number> => apiRefusals ?? {};

function incompleteTable(pairs: readonly IncompletePairs[]): string {
  return table<IncompletePairs>(
    'Prompts that answered under one condition only, and are in no gap',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'contrast', show: ({ treatment, control }) => `${treatment} − ${control}` },
      { title: 'by', show: ({ graders }) => graders.join(', ') },
      { title: 'prompts', show: ({ total }) => count(total), isNumber: true },
      { title: 'answered under the first', show: ({ onlyTreatment }) => listed(onlyTreatment) },
      { title: 'under the second', show: ({ onlyControl }) => listed(onlyControl) },
    ],
    pairs,
  );
}

function listed(ids: readonly string[]): string {
  if (ids.length === 0) return '–';
  const rest = ids.length - SHOWN_MAX;
  return ids.slice(0, SHOWN_MAX).join(', ') + (rest > 0 ? `, and ${rest} more` : '');
}
