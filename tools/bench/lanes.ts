import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Backend, backendsHere, loadNow, openBenchStack, printTable } from '../bench-support.ts';
import type { Chart, LaneCase } from './lanes/lane-case.ts';
import { drawCharts, type NamedChart } from './lanes/draw-charts.ts';
import { RATE_CASES } from './lanes/rate-cases.ts';
import { SWEEP_CASES } from './lanes/sweep-cases.ts';

const CASES: LaneCase[] = [...RATE_CASES, ...SWEEP_CASES];
const IMAGE = path.resolve(import.meta.dirname, '../../docs/img/lanes.svg');

/**
 * `npm run bench -- lanes [--case NAME,…] [--workers 1,4] [--backend redis|embedded] [--quick] [--write]`: whether lanes reach what they
 * may spend and no more, on the real processes against the simulator's limits. Prints the ratio first; charts what was sent each second
 * into a file, with `--write` into the documentation.
 */
export async function run(args: string[]): Promise<void> {
  const { cases, workers, backends, quick, write } = readArgs(args);
  const rows = [['case', 'queue', 'workers', 'ratio', 'target', 'met', 'measured', '429', 'when']];
  const charts: NamedChart[] = [];
  for (const backend of backends) {
    for (const count of workers) {
      await using bench = await openBenchStack(backend, { workers: count, simulator: { logEntriesMax: 100_000 } });
      for (const each of cases) {
        console.error(`${each.name}, ${backend}, ${count} worker${count === 1 ? '' : 's'} …`);
        const { ratio, target, isMet, absolute, refused, chart } = await each.measure(bench, { quick });
        const met = isMet ? 'yes' : 'NO';
        rows.push([
          each.title,
          backend,
          String(count),
          ratio.toFixed(3),
          target,
          met,
          absolute,
          String(refused),
          loadNow(),
        ]);
        console.error(`  ${rows.at(-1)?.slice(3).join(' | ')}`);
        if (chart) charts.push(named(each, chart, backend, count));
      }
    }
  }
  printTable(rows);
  if (charts.length > 0) console.log(`\n${writeImage(drawCharts(charts), write)}`);
}

function named({ title }: LaneCase, chart: Chart, backend: Backend, workers: number): NamedChart {
  return { ...chart, title: `${title} · ${backend}, ${workers} worker${workers === 1 ? '' : 's'}` };
}

function writeImage(svg: string, write: boolean): string {
  const file = write ? IMAGE : path.join(tmpdir(), 'crosscheck-lanes.svg');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, svg);
  return file;
}

function readArgs(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: 'string' },
      workers: { type: 'string', default: '1,4' },
      backend: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const names = values.case?.split(',') ?? CASES.map(({ name }) => name);
  const known = CASES.map(({ name }) => name).join(', ');
  for (const name of names)
    if (!CASES.some((each) => each.name === name)) throw new RangeError(`--case ${name}: want one of ${known}`);
  const workers = values.workers.split(',').map(Number);
  if (!workers.every((count) => Number.isInteger(count) && count > 0))
    throw new RangeError(`--workers ${values.workers}: want whole numbers`);
  const here = backendsHere();
  const backends = values.backend === undefined ? here : here.filter((backend) => backend === values.backend);
  if (backends.length === 0) throw new RangeError(`--backend ${values.backend}: this machine has ${here.join(', ')}`);
  return {
    cases: CASES.filter(({ name }) => names.includes(name)),
    workers,
    backends,
    quick: values.quick,
    write: values.write,
  };
}
