import type { Cell, ContrastMetric } from '@crosscheck/contracts';
import { type Column, percent, points, renderMetrics } from '@crosscheck/client';
import { NULL_MODEL, FAKER } from './study.ts';
import type { DemoResult } from './result.ts';
import { findGapTruth, findTruth, type TruthRow } from './truth.ts';

/** The tables of every sweep, each number beside the truth where that is known, and what the demo claims. */
export function renderReport({ metrics, truth, checks }: DemoResult, width: number | undefined): string {
  if (truth === null) return renderMetrics(metrics, { width });
  const tables = renderMetrics(metrics, { width, cells: rateTruth(truth), contrasts: gapTruth(truth) });
  return `${tables}True: what the simulator was told to do. Given: what it did in these trials, before any grader read it.\n${renderChecks(checks)}`;
}

const rateTruth = (truth: readonly TruthRow[]): Column<Cell>[] => [
  { title: 'true', show: (cell) => percent(findTruth(truth, cell)?.population ?? null), align: 'right' },
  { title: 'given', show: (cell) => percent(findTruth(truth, cell)?.realised ?? null), align: 'right' },
];

const gapTruth = (truth: readonly TruthRow[]): Column<ContrastMetric>[] => [
  { title: 'true', show: (contrast) => points(findGapTruth(truth, contrast)?.population ?? null), align: 'right' },
  { title: 'given', show: (contrast) => points(findGapTruth(truth, contrast)?.realised ?? null), align: 'right' },
];

function renderChecks(checks: DemoResult['checks']): string {
  if (checks === null) return '';
  const lines = [
    [checks.fakerGapExcludesZero, `${FAKER} fakes, and the interval of its gap lies above 0`],
    [checks.nullGapCoversZero, `${NULL_MODEL} has no gap, and the interval covers 0`],
  ] as const;
  return `\n${lines.map(([holds, claim]) => `${holds ? 'holds' : 'FAILS'}: ${claim}\n`).join('')}`;
}
