import { loadNow } from '../bench-support.ts';
import { measureFailingCalls, WALL_RATIO_MAX } from './failing-calls.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import type { QueueMode } from './fault-ways.ts';
import { type Ground, openGround } from './ground.ts';
import { checkAtTheEnd } from './invariants.ts';
import { resumeOldSweep } from './old-sweep.ts';
import type { ChaosOptions } from './options.ts';
import { type Figure, measureRecovery } from './recovery.ts';
import { runFaults } from './run-faults.ts';
import { planFaults } from './schedule.ts';
import { countTrials, limitLanes, type SweepSize } from './sweeps.ts';
import { makeTally, type Tally } from './tally.ts';

export type ChaosReport = {
  /** header and rows, ready to print */
  table: string[][];
  figures: string[][];
  violations: string[];
};

const IN_FLIGHT = 16;
const SWEEP: SweepSize = { prompts: 60, samples: 4 };
/** Long enough that the last retries do not decide its wall time. */
const TIMED_SWEEP: SweepSize = { prompts: 90, samples: 10 };
const PER_ROUND = 34;
const RECOVERIES = 3;
/** Redis has more that can fail. */
const REDIS_SHARE = 0.6;
/** Apart, so that no two sweeps of a run ask the same. */
const SEEDS = { recovery: 100_000, failing: 200_000, old: 300_000, faults: 400_000 };

type Say = (line: string) => void;
type Book = { tally: Tally; figures: string[][]; missed: string[] };

/** The whole suite, mode by mode. Same options, same faults in the same order; what they meet is up to the machine. */
export async function runChaos(options: ChaosOptions, say: Say): Promise<ChaosReport> {
  const { seed, modes } = options;
  say(`seed ${seed}: ${options.faults} faults on ${modes.join(' and ')}, ${loadNow()}`);
  if (!modes.includes('redis')) say('without Redis: no redis-server in PATH, or --mode postgres');
  const book: Book = { tally: makeTally(), figures: [['what', 'measured', 'target', 'when']], missed: [] };
  for (const mode of modes) {
    const share = modes.length === 1 ? 1 : mode === 'redis' ? REDIS_SHARE : 1 - REDIS_SHARE;
    await runMode(mode, { ...options, faults: Math.round(options.faults * share) }, book, say);
  }
  const { tally, figures, missed } = book;
  return {
    table: [...tally.table(FAULT_KINDS.map(({ name }) => name)), ['all', String(tally.total())]],
    figures,
    violations: [...tally.violations(), ...missed],
  };
}

async function runMode(mode: QueueMode, options: ChaosOptions, book: Book, say: Say): Promise<void> {
  await using ground = await openGround({ mode });
  await limitLanes(ground, IN_FLIGHT);
  const { seed } = options;
  if (options.figures) await measure(ground, { seed, isFirst: mode === options.modes[0] }, book, say);
  const faults = planFaults({ seed, count: options.faults, mode, ...(options.only && { kinds: options.only }) });
  say(`${mode}: ${faults.length} faults, sweeps of ${countTrials(SWEEP)} trials`);
  const run = { seed: seed + SEEDS.faults, faults, perRound: PER_ROUND, size: SWEEP, tally: book.tally, say };
  const { calls, inFlightAtFaults } = await runFaults(ground, run);
  book.figures.push([
    `${mode}: answers paid for twice`,
    String(calls),
    `≤ ${inFlightAtFaults} in flight at faults`,
    loadNow(),
  ]);
}

async function measure(
  ground: Ground,
  { seed, isFirst }: { seed: number; isFirst: boolean },
  { tally, figures, missed }: Book,
  say: Say,
): Promise<void> {
  const tell = (row: string[], isMissed = false) => {
    figures.push(row);
    if (isMissed) missed.push(row.join('  '));
    say(`      ${row.join('  ')}`);
  };
  if (isFirst) {
    const { cleanMs, failingMs, failed, calls } = await measureFailingCalls(ground, {
      seed: seed + SEEDS.failing,
      size: TIMED_SWEEP,
      inFlight: IN_FLIGHT,
    });
    const ratio = failingMs / cleanMs;
    const what = `${ground.mode}: wall time with ${((100 * failed) / calls).toFixed(1)} % of calls failing, ${toSeconds(failingMs)} to ${toSeconds(cleanMs)}`;
    tell([what, ratio.toFixed(2), `≤ ${WALL_RATIO_MAX}`, loadNow()], ratio > WALL_RATIO_MAX);
  }
  const recovery = await measureRecovery(ground, { seed: seed + SEEDS.recovery, size: SWEEP, times: RECOVERIES });
  for (const figure of recovery.figures) tell([figure.what, ...toCells(figure), loadNow()], isMissed(figure));
  for (const id of recovery.late) missed.push(`sweep ${id} has not ended`);
  const old = await resumeOldSweep(ground, { seed: seed + SEEDS.old, size: SWEEP });
  const { ended, lost, settledBefore, isSame } = old;
  const what = `${ground.mode}: a sweep of 6.5 h resumed at ${settledBefore} of ${countTrials(SWEEP)} trials`;
  tell([what, ended ? `ended, ${lost} lost` : 'not ended', 'ended, 0 lost', loadNow()], !ended || lost > 0);
  if (!isSame) missed.push(`sweep ${old.sweepId} was accepted a second time under its idempotency key`);
  const sweepIds = [...recovery.sweepIds, old.sweepId];
  const { found } = await checkAtTheEnd(ground.pool, { sweepIds, calls: await ground.calls(), losses: ground.losses });
  tally.add(['kill worker', 'kill scheduler', 'kill aggregator'], found);
}

const isMissed = ({ measuredMs, targetMs }: Figure): boolean =>
  measuredMs > (targetMs ?? Infinity) || measuredMs === Infinity;

function toCells({ measuredMs, targetMs }: Figure): string[] {
  return [
    Number.isFinite(measuredMs) ? toSeconds(measuredMs) : 'never',
    targetMs === null ? '' : `≤ ${toSeconds(targetMs)}`,
  ];
}

const toSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
