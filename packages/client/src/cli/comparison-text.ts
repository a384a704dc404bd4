import {
  type ComparedCell,
  type Comparison,
  type ConditionPair,
  count,
  counted,
  type SweepDiff,
  type SweepDifference,
} from '@crosscheck/contracts';
import { percent, points, pValue, range } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

/** Two sweeps against each other, as people read it. */
export function renderComparison({ a, b, prompts, conditions, cells, warnings }: Comparison, width?: number): string {
  const parts = [
    `a: ${plain(a.name)} (${a.provenance}, ${counted(a.prompts, 'prompt')})`,
    `b: ${plain(b.name)} (${b.provenance}, ${counted(b.prompts, 'prompt')})`,
    `${counted(prompts.shared, 'prompt')} in both, matched by ${prompts.matchedBy}; ${only('a', prompts.onlyACount, prompts.onlyA)}; ${only('b', prompts.onlyBCount, prompts.onlyB)}`,
    '',
    // Each table ends its own last line, so that a blank one follows it.
    ...(conditions.length === 0 ? [] : [renderTable(CONDITIONS, conditions, width)]),
    ...(cells.length === 0
      ? []
      : [`rates in percent, a − b in percentage points\n${renderTable(CELLS, cells, width)}`]),
    ...cells.flatMap(({ model, a: condition, refused }) =>
      refused === null ? [] : [`No number for ${plain(model)}, ${plain(condition)}: ${plain(refused)}.`],
    ),
    ...warnings.map((warning) => `Warning: ${plain(warning)}.`),
  ];
  return `${parts.join('\n')}\n`;
}

const SHOWN_MAX = 5;

function only(side: string, total: number, ids: readonly string[]): string {
  if (total === 0) return `none in ${side} alone`;
  const shown = ids.slice(0, SHOWN_MAX).map(plain).join(', ');
  return `${count(total)} in ${side} alone (${shown}${total > SHOWN_MAX ? ', …' : ''})`;
}

const CONDITIONS: readonly Column<ConditionPair>[] = [
  { title: 'condition in a', show: ({ a }) => a, widthMax: 30 },
  { title: 'in b', show: ({ b }) => b, widthMax: 30 },
  { title: 'matched by', show: ({ by }) => by },
  { title: 'bytes', show: ({ same }) => (same === null ? 'not known' : same ? 'the same' : 'differ') },
  { title: 'differ in', show: ({ differing }) => differing.join(', ') },
];

const CELLS: readonly Column<ComparedCell>[] = [
  {
    title: 'model',
    show: ({ model, rateA, rateB }) => model + (rateA.simulated || rateB.simulated ? ' (simulated)' : ''),
    widthMax: 44,
  },
  { title: 'condition', show: ({ a, b }) => (a === b ? a : `${a} / ${b}`), widthMax: 30 },
  {
    title: 'grader',
    show: ({ grader, sameGrader }) => grader + (sameGrader ? '' : ' (versions differ)'),
    widthMax: 40,
  },
  { title: 'a', show: ({ rateA }) => percent(rateA.estimate), align: 'right' },
  { title: 'b', show: ({ rateB }) => percent(rateB.estimate), align: 'right' },
  { title: 'a − b', show: ({ estimate }) => points(estimate), align: 'right' },
  { title: 'interval', show: ({ ci }) => range(ci, true), align: 'right' },
  { title: 'p', show: ({ p }) => pValue(p), align: 'right' },
  { title: 'prompts', show: ({ n }) => count(n), align: 'right' },
  { title: 'method', show: ({ design, ci }) => (ci.method === null ? design : `${design}, ${ci.method}`), spare: true },
];

/** What differs between two sweeps, as people read it. */
export function renderDiff({ a, b, same, differences }: SweepDiff): string {
  if (same) return `no difference: ${plain(a.name)} and ${plain(b.name)} are the same experiment\n`;
  return `--- ${plain(a.name)} (${a.id})\n+++ ${plain(b.name)} (${b.id})\n${differences.map(renderDifference).join('')}`;
}

function renderDifference({ where, a, b, lines }: SweepDifference): string {
  const title = `\n${plain(where)}\n`;
  if (lines.length > 0) return `${title}${lines.map((line) => `  ${plain(line)}\n`).join('')}`;
  if (a === null && b === null) return `${title}  read by another version of the parser\n`;
  const side = (mark: string, text: string | null) => (text === null ? '' : `  ${mark} ${plain(text)}\n`);
  return `${title}${side('-', a)}${side('+', b)}`;
}
