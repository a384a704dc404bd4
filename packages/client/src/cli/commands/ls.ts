import { SWEEP_STATES, type SweepState, type SweepView } from '@crosscheck/contracts';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { count, usd } from '../format.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { type Column, renderTable } from '../table.ts';
import { type Terminal, write } from '../terminal.ts';

type Options = GlobalOptions & { state?: SweepState; limit: number };

export function addListCommand(program: Command, choose: Choose): void {
  program
    .command('ls')
    .description('list sweeps, newest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(SWEEP_STATES))
    .option('--limit <n>', 'at most so many', toCount, 20)
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => list(terminal, options));
    });
}

async function list(terminal: Terminal, { state, limit, json, ...options }: Options): Promise<ExitCode> {
  const { sweeps } = connect(terminal, options);
  const found: SweepView[] = [];
  for await (const sweep of sweeps.list({ state })) if (found.push(sweep) >= limit) break;
  if (json) await write(terminal.stdout, `${JSON.stringify({ items: found })}\n`);
  else await write(terminal.stdout, renderTable(COLUMNS, found) || 'no sweeps\n');
  return EXIT.ok;
}

const COLUMNS: readonly Column<SweepView>[] = [
  { title: 'id', show: ({ id }) => id },
  { title: 'name', show: ({ name }) => name, widthMax: 32 },
  { title: 'state', show: ({ state }) => state },
  { title: 'settled', show: ({ progress }) => count(progress.settled), align: 'right' },
  { title: 'planned', show: ({ progress }) => count(progress.planned), align: 'right' },
  { title: 'spent', show: ({ spend }) => usd(spend.spentPicoUsd), align: 'right' },
  { title: 'data', show: ({ provenance }) => provenance },
  { title: 'created', show: ({ createdAt }) => `${createdAt.slice(0, 16).replace('T', ' ')} UTC` },
];

function toCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number of at least 1');
  return value;
}
