import { count, type Quotas, type TeamView } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { TeamChange } from '../../admin.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { toLimit } from '../arguments.ts';
import { connect } from '../connection.ts';
import type { ExitCode } from '../failure.ts';
import { showRow, showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

type SetOptions = GlobalOptions & { weight?: number; monthlyUsd?: number } & {
  [Name in keyof Quotas]?: number;
};

/** `teams`: shares, budgets and quotas, beside what is used of them. */
export function addTeamCommands(program: Command, choose: Choose): void {
  const teams = program.command('teams').description('teams: list, make and change them (admin; a team sees itself)');
  teams
    .command('ls', { isDefault: true })
    .description('list teams with what they use of their quotas')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => list(terminal, options));
    });
  addOptions(teams.command('create <name>').description('make a team'), true).action(
    (name: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<SetOptions>();
      choose((terminal) => create(terminal, name, options));
    },
  );
  addOptions(teams.command('set <id>').description('change a team; what is left out stays'), false).action(
    (id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<SetOptions>();
      choose((terminal) => change(terminal, id, options));
    },
  );
}

function addOptions(command: Command, isNew: boolean): Command {
  command
    .option('--weight <n>', 'share of a lane relative to other teams', toLimit)
    .option('--sweeps-open <n>', 'sweeps in progress at most, or none', toLimit)
    .option('--trials-per-sweep <n>', 'trials of one sweep at most, or none', toLimit)
    .option('--trials-open <n>', 'trials in progress at most, or none', toLimit)
    .option('--requests-per-second <n>', 'requests a second of one key at most, or none', toLimit)
    .option('--storage-bytes <n>', 'bytes of answers and prompts at most, or none', toLimit);
  return isNew ? command : command.option('--monthly-usd <usd>', 'budget of a month, or none', toLimit);
}

function toChange(options: SetOptions): TeamChange {
  const { weight, monthlyUsd, sweepsOpen, trialsPerSweep, trialsOpen, requestsPerSecond, storageBytes } = options;
  const quotas = { sweepsOpen, trialsPerSweep, trialsOpen, requestsPerSecond, storageBytes };
  const hasQuotas = Object.values(quotas).some((quota) => quota !== undefined);
  // JSON leaves out what was not asked for.
  return JSON.parse(
    JSON.stringify({ weight, monthlyBudgetUsd: monthlyUsd, ...(hasQuotas ? { quotas } : {}) }),
  ) as TeamChange;
}

async function list(terminal: Terminal, options: GlobalOptions): Promise<ExitCode> {
  const rows = await Array.fromAsync(connect(terminal, options).teams.list());
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no teams' });
}

async function create(terminal: Terminal, name: string, options: SetOptions): Promise<ExitCode> {
  const { weight, quotas } = toChange(options);
  const made = { name, ...(weight ? { weight } : {}), ...(quotas ? { quotas } : {}) };
  return showRow(terminal, options, { row: await connect(terminal, options).teams.create(made), columns: COLUMNS });
}

async function change(terminal: Terminal, id: string, options: SetOptions): Promise<ExitCode> {
  const row = await connect(terminal, options).teams.change(id, toChange(options));
  return showRow(terminal, options, { row, columns: COLUMNS });
}

const ofQuota = (use: number, quota: number | null | undefined): string =>
  quota === null || quota === undefined ? count(use) : `${count(use)} of ${count(quota)}`;

const COLUMNS: readonly Column<TeamView>[] = [
  { title: 'id', show: ({ id }) => id },
  { title: 'name', show: ({ name }) => name, widthMax: 24 },
  { title: 'weight', show: ({ weight }) => count(weight), align: 'right' },
  { title: 'USD a month', show: ({ monthlyBudgetUsd }) => String(monthlyBudgetUsd ?? ''), align: 'right', spare: true },
  { title: 'sweeps open', show: ({ use, quotas }) => ofQuota(use.sweepsOpen, quotas.sweepsOpen), align: 'right' },
  { title: 'trials open', show: ({ use, quotas }) => ofQuota(use.trialsOpen, quotas.trialsOpen), align: 'right' },
  { title: 'bytes', show: ({ use, quotas }) => ofQuota(use.storageBytes, quotas.storageBytes), align: 'right' },
  { title: 'requests/s', show: ({ quotas }) => String(quotas.requestsPerSecond ?? ''), align: 'right', spare: true },
];
