/**
 * `npm run chaos [-- --seed 7 --faults 220 --mode redis --only "redis kill"]`: hurts a whole stack by a seeded schedule while sweeps run, and
 * checks after each fault that nothing was lost, doubled or mixed up. Prints the table of docs/reliability.md; ends with 1 when anything did
 * not hold.
 */
import { parseArgs } from 'node:util';
import { printTable } from './bench-support.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { readOptions } from './chaos/options.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    faults: { type: 'string' },
    mode: { type: 'string' },
    only: { type: 'string', multiple: true },
    'no-figures': { type: 'boolean', default: false },
  },
});

// The servers that were started end with this process, by their hooks on its exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(values);
  const { table, figures, violations } = await runChaos(options, (line) => console.log(line));
  console.log('');
  printTable(table);
  console.log('');
  if (figures.length > 1) printTable(figures);
  for (const violation of violations) console.error(`BROKEN  ${violation}`);
  console.log(violations.length === 0 ? `\nall invariants held; seed ${options.seed}` : `\nseed ${options.seed}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
