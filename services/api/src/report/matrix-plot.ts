import { count, type ReportMatrix } from '@crosscheck/contracts';
import { drawing, fit, label, round, SLIM_WIDTH } from './svg.ts';

const ROW = 15;
/** Between strips, where the name of the next one stands. */
const GAP = 17;
const LEVELS = 5;

/** Every prompt under every condition: a strip for each cell, a column for each prompt, darker where more of its samples complied. */
export function matrixPlot({ grader, columns, prompts, total }: ReportMatrix, id: string): string {
  const cell = SLIM_WIDTH / Math.max(1, prompts.length);
  const strips = columns.map(({ model, condition }, column) => {
    const y = GAP + column * (ROW + GAP);
    const cells = prompts.map(({ rates }, index) => {
      const x = round(index * cell);
      return `<rect class="${levelOf(rates[column] ?? null)}" x="${x}" y="${y}" width="${round(Math.max(0.4, cell - (cell > 4 ? 0.8 : 0)))}" height="${ROW}"/>`;
    });
    return label(0, y - 4, fit(`${condition} · ${model}`, 70)) + cells.join('');
  });
  const bottom = 10 + columns.length * (ROW + GAP);
  const legend = ['missing', '0 %', '', '', '', '', '100 %'].map((text, index) => {
    const x = index === 0 ? 0 : 60 + index * 22;
    return `<rect class="${index === 0 ? 'none' : `level${index - 1}`}" x="${x}" y="${bottom + 12}" width="18" height="10"/>${label(x, bottom + 36, text, 'small')}`;
  });
  return drawing(
    {
      id,
      title: `Share that complied, by prompt and condition, graded by ${grader}`,
      description: `${count(prompts.length)} of ${count(total)} prompts, those with the highest rates first; ${columns.map(({ model, condition }) => `${condition} of ${model}`).join(', ')}`,
      width: SLIM_WIDTH,
      height: bottom + 44,
    },
    strips.join('') + legend.join(''),
  );
}

/** None, all, or one of four steps between. */
function levelOf(rate: number | null): string {
  return rate === null ? 'none' : `level${Math.min(LEVELS, Math.ceil(rate * LEVELS - 1e-9))}`;
}
