import { parseArgs } from 'node:util';
import { runCoverage } from '../../packages/stats/test/coverage.ts';

/**
 * `npm run bench -- coverage [--runs 2000] [--seed 20261121]`: how often the intervals hold what they promise, on simulated studies
 * with known truth. 2,000 runs take near ten seconds and give a standard error of half a point at 95 %.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '20261121' } },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isInteger(runs) || runs < 1)
    throw new RangeError(`--runs is ${values.runs}: want a whole number of at least 1`);
  if (!Number.isInteger(seed)) throw new RangeError(`--seed is ${values.seed}: want a whole number`);
  const rows = runCoverage({ runs, seed, log: (line) => console.error(line) });
  for (const [index, { question, setup, method, nominal, share }] of rows.entries()) {
    const before = rows[index - 1];
    if (question !== before?.question) console.log(`\n${question}`);
    if (question !== before?.question || setup !== before.setup) console.log(`  ${setup}`);
    console.log(`    ${method.padEnd(24)} ${(100 * share).toFixed(1).padStart(5)} %   (promised: ${nominal})`);
  }
}
