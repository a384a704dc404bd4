import { readdirSync } from 'node:fs';

/**
 * `npm run bench -- <name> [args]`: measures and prints. Each bench is a file of tools/bench that exports `run(args)`; figures are ratios
 * within one run where they can be, because machines differ.
 */
const names = readdirSync(new URL('./bench/', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .toSorted();
const [name = '', ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- <name>, one of: ${names.join(', ')}`);
  process.exit(2);
}
// An exit, unlike a signal, lets the servers that were started for it be stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const bench = (await import(`./bench/${name}.ts`)) as { run(args: string[]): Promise<void> };
await bench.run(args);
