import { count, SWEEP_STATES, type SweepState, type SweepView } from '@crosscheck/contracts';
import { type Command, Option } from 'commander';
import { toCount } from '../arguments.ts';
import { connect } from '../connection.ts';
import type { ExitCode } from '../failure.ts';
import { minute, usd } from '../format.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

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

async function list(terminal: Terminal, { state, limit, ...options }: Options): Promise<ExitCode> {
  const { sweeps } = connect(terminal, options);
  const rows: SweepView[] = [];
  for await (const sweep of sweeps.list({ state })) if (rows.push(sweep) >= limit) break;
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no sweeps' });
}

const COLUMNS: readonly Column<SweepView>[] = [
  { title: 'id', show: ({ id }) => id },
  { title: 'name', show: ({ name }) => name, widthMax: 32 },
  { title: 'state', show: ({ state }) => state },
  { title: 'settled', show: ({ progress }) => count(progress.settled), align: 'right' },
  { title: 'planned', show: ({ progress }) => count(progress.planned), align: 'right' },
  { title: 'spent', show: ({ spend }) => usd(spend.spentPicoUsd), align: 'right' },
  { title: 'data', show: ({ provenance }) => provenance },
  { title: 'created', show: ({ createdAt }) => minute(createdAt) },
];
