import { backendsHere, loadNow, printTable } from '../bench-support.ts';
import { measureFailingCalls, WALL_RATIO_MAX } from '../chaos/failing-calls.ts';
import { openGround } from '../chaos/ground.ts';

const IN_FLIGHT = 16;
const SEED = 1;
const SAMPLES = 10;

/**
 * `npm run bench -- failing-calls [prompts]`: what it costs when a tenth of all calls fail in the ways of daily life. Two equal sweeps run at
 * the same time on lanes of their own; the calls of one fail. Ends with 1 when it takes more than 1.25 times as long.
 */
export async function run([prompts = '90']: string[]): Promise<void> {
  const rows = [['queue', 'calls failed', 'clean', 'failing', 'ratio', 'target', 'when']];
  for (const backend of backendsHere()) {
    await using ground = await openGround({ mode: backend === 'redis' ? 'redis' : 'postgres' });
    const size = { prompts: Number(prompts), samples: SAMPLES };
    const { cleanMs, failingMs, failed, calls } = await measureFailingCalls(ground, {
      seed: SEED,
      size,
      inFlight: IN_FLIGHT,
    });
    const ratio = failingMs / cleanMs;
    rows.push([
      ground.mode,
      `${failed} of ${calls}`,
      `${(cleanMs / 1_000).toFixed(1)} s`,
      `${(failingMs / 1_000).toFixed(1)} s`,
      ratio.toFixed(2),
      `≤ ${WALL_RATIO_MAX}`,
      loadNow(),
    ]);
    if (ratio > WALL_RATIO_MAX) process.exitCode = 1;
  }
  printTable(rows);
}
