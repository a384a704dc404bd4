import { setTimeout as sleep } from 'node:timers/promises';
import type { Loss, PaidTwice } from './check-calls.ts';
import type { FaultKind } from './fault-ways.ts';
import type { Ground } from './ground.ts';
import { checkAtTheEnd, checkNow, type Findings } from './invariants.ts';
import { patiently } from './patiently.ts';
import type { PlannedFault } from './schedule.ts';
import { keepBusy, type SweepSize } from './sweeps.ts';
import type { Tally } from './tally.ts';

export type RunOptions = {
  seed: number;
  faults: readonly PlannedFault[];
  /** faults between two looks at everything, with all sweeps finished */
  perRound: number;
  size: SweepSize;
  tally: Tally;
  say: (line: string) => void;
};

/** So long after its end a fault may still cost calls, where its kind says nothing else: a slow process notices late, ms. */
const AFTERMATH_MS = 1_000;

/**
 * Injects a schedule while sweeps run. After each fault what must hold at any moment is checked; after each round nothing is hurt any more,
 * the sweeps have to end by themselves, and everything is checked.
 */
export async function runFaults(ground: Ground, options: RunOptions): Promise<PaidTwice> {
  const { faults, perRound, tally, say } = options;
  const { losses } = ground;
  let paidTwice: PaidTwice = { calls: 0, inFlightAtFaults: 0 };
  for (let from = 0; from < faults.length; from += perRound) {
    const round = faults.slice(from, from + perRound);
    const traffic = keepBusy(ground, { seed: options.seed + from * 100, size: options.size });
    for (const [index, fault] of round.entries()) {
      await sleep(fault.afterMs);
      losses.push(...(await inject(ground, fault)));
      tally.injected(fault.kind.name);
      const found = await patiently(() => checkNow(ground.pool, traffic.sweepIds.slice(-1)));
      tally.add([fault.kind.name], found);
      say(`${from + index + 1}`.padStart(4) + `  ${fault.kind.name.padEnd(22)} ${verdictOf(found)}`);
    }
    const startedMs = Date.now();
    const late = await traffic.stop();
    const calls = await ground.calls();
    const ended = await patiently(() => checkAtTheEnd(ground.pool, { sweepIds: traffic.sweepIds, calls, losses }));
    ({ paidTwice } = ended);
    tally.add([...new Set(round.map(({ kind }) => kind.name))], withLate(ended.found, late));
    say(
      `      ${traffic.sweepIds.length} sweeps ended ${((Date.now() - startedMs) / 1_000).toFixed(0)} s after the last fault; ` +
        `${calls.length} calls so far, ${paidTwice.calls} paid twice of at most ${paidTwice.inFlightAtFaults}: ${verdictOf(ended.found)}`,
    );
    if (late.length > 0) break;
  }
  return paidTwice;
}

/** Hurts and heals. @returns when calls may have been lost by it */
async function inject(ground: Ground, { kind, lastsMs, pick }: PlannedFault): Promise<Loss[]> {
  const fromMs = Date.now();
  const heal = await kind.begin(ground, pick);
  await sleep(lastsMs);
  await heal();
  return lossesOf(kind, { fromMs, toMs: Date.now() });
}

function lossesOf({ mayLose, aftermathMs = AFTERMATH_MS }: FaultKind, { fromMs, toMs }: Loss): Loss[] {
  const start = { fromMs, toMs: fromMs };
  switch (mayLose) {
    case 'none':
      return [];
    case 'at-start':
      return [start];
    case 'both-ends':
      return [start, { fromMs: toMs, toMs: toMs + aftermathMs }];
    case 'throughout':
      return [{ fromMs, toMs: toMs + aftermathMs }];
    default:
      return mayLose satisfies never;
  }
}

function withLate(found: Findings, late: readonly string[]): Findings {
  const stuck = late.map((id) => `sweep ${id} has not ended`);
  return new Map(found).set('one outcome', [...(found.get('one outcome') ?? []), ...stuck]);
}

function verdictOf(found: Findings): string {
  const broken = [...found].filter(([, violations]) => violations.length > 0);
  return broken.length === 0
    ? 'ok'
    : `BROKEN: ${broken.map(([invariant, [first]]) => `${invariant} (${first})`).join('; ')}`;
}
