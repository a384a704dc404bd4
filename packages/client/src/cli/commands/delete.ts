import { counted } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & { yes?: boolean };

/** `delete`: a finished sweep with its trials; without --yes it says what would go. */
export function addDeleteCommand(program: Command, choose: Choose): void {
  program
    .command('delete')
    .description('delete a finished sweep with its trials; its counts and what it spent stay')
    .argument('<id>', 'the id of the sweep')
    .option('--yes', 'do it; without, only what would be deleted is said')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => remove(terminal, id, options));
    });
}

async function remove(terminal: Terminal, id: string, { yes, json, ...options }: Options): Promise<ExitCode> {
  const { sweeps } = connect(terminal, options);
  if (yes !== true) {
    const { name, state, progress, attempts } = await sweeps.get(id);
    const what = `${plain(name)} (${state}): ${counted(progress.planned, 'trial')} and ${counted(attempts, 'call')}`;
    await write(terminal.stdout, `would delete ${what}. Nothing was deleted: say --yes\n`);
    return EXIT.ok;
  }
  const left = await sweeps.delete(id);
  const line = `deleted ${plain(left.name)}: ${counted(left.planned, 'trial')}\n`;
  await write(terminal.stdout, json ? `${JSON.stringify(left)}\n` : line);
  return EXIT.ok;
}
