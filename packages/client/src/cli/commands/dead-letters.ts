import { count, counted, type DeadLetterGroup } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { DeadLetterFilter } from '../../ops.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { minute } from '../format.ts';
import { showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & DeadLetterFilter;
type ReplayOptions = Options & { dryRun?: boolean };

/** `dead-letters` and `replay`: what failed for good, by cause, and running it again. */
export function addDeadLetterCommands(program: Command, choose: Choose): void {
  addFiltered(program, 'dead-letters', 'list trials that failed for good, by cause').action(
    (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => list(terminal, options));
    },
  );
  addFiltered(program, 'replay', 'run trials again that failed for good; without a filter all of them')
    .option('--dry-run', 'only say which')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReplayOptions>();
      choose((terminal) => replay(terminal, options));
    });
}

function addFiltered(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--sweep <id>', 'only of this sweep')
    .option('--lane <lane>', 'only of this lane')
    .option('--code <code>', 'only with this code')
    .option('--fingerprint <hash>', 'only of this cause')
    .option('--since <time>', 'only what settled at or after this, ISO 8601');
}

/** JSON leaves out what was not asked for. */
function toFilter({ sweep, lane, code, fingerprint, since }: Options): DeadLetterFilter {
  return JSON.parse(JSON.stringify({ sweep, lane, code, fingerprint, since })) as DeadLetterFilter;
}

async function list(terminal: Terminal, options: Options): Promise<ExitCode> {
  const { deadLetters } = connect(terminal, options);
  const rows = await Array.fromAsync(deadLetters.list(toFilter(options)));
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no dead letters' });
}

const COLUMNS: readonly Column<DeadLetterGroup>[] = [
  { title: 'cause', show: ({ fingerprint }) => fingerprint },
  { title: 'trials', show: (group) => count(group.count), align: 'right' },
  { title: 'sweeps', show: ({ sweepCount }) => count(sweepCount), align: 'right' },
  { title: 'code', show: ({ code }) => code },
  { title: 'of', show: ({ purpose }) => purpose },
  { title: 'lane', show: ({ lane }) => lane ?? '', widthMax: 40 },
  { title: 'last', show: ({ lastAt }) => minute(lastAt) },
  { title: 'detail', show: ({ detail }) => detail, spare: true },
];

async function replay(terminal: Terminal, options: ReplayOptions): Promise<ExitCode> {
  const { deadLetters } = connect(terminal, options);
  const done = await deadLetters.replay({ ...toFilter(options), dryRun: options.dryRun === true });
  const lines = [
    `${counted(done.trials, 'trial')} ${done.dryRun ? 'would be' : done.trials === 1 ? 'is' : 'are'} planned again`,
    ...done.sweeps.map(({ id, name, state, trials }) => `${id}  ${plain(name)}  ${state}  ${counted(trials, 'trial')}`),
  ];
  await write(terminal.stdout, options.json ? `${JSON.stringify(done)}\n` : `${lines.join('\n')}\n`);
  return EXIT.ok;
}
