import { Command, CommanderError } from 'commander';
import type { Action, Choose } from './action.ts';
import { addActCommands } from './commands/act.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addDeleteCommand } from './commands/delete.ts';
import { addExtendCommand } from './commands/extend.ts';
import { addCompareCommands } from './commands/compare.ts';
import { addCalibrationCommands } from './commands/calibration.ts';
import { addDatasetCommand } from './commands/dataset.ts';
import { addDeadLetterCommands } from './commands/dead-letters.ts';
import { addExportCommand } from './commands/export.ts';
import { addKeyCommands } from './commands/keys.ts';
import { addLaneCommands } from './commands/lanes.ts';
import { addListCommand } from './commands/ls.ts';
import { addPowerCommand } from './commands/power.ts';
import { addQueuesCommand } from './commands/queues.ts';
import { addQuoteCommand } from './commands/quote.ts';
import { addReportCommand } from './commands/report.ts';
import { addRunCommand } from './commands/run.ts';
import { addShowCommand } from './commands/show.ts';
import { addTeamCommands } from './commands/teams.ts';
import { DEFAULT_URL } from './connection.ts';
import { EXIT, type ExitCode, exitCodeOf, toMessage } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one command line to its end and says with which code the process ends. Errors are printed in one line, never thrown.
 *
 * @param args the arguments after the name of the program
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const chosen: { action: Action | null } = { action: null };
  try {
    await makeProgram(terminal, (action) => (chosen.action = action)).parseAsync(args, { from: 'user' });
    return chosen.action === null ? EXIT.ok : await chosen.action(terminal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    terminal.stderr.write(`${toMessage(error)}\n`);
    return exitCodeOf(error);
  }
}

function makeProgram(terminal: Terminal, choose: Choose): Command {
  const program = new Command('crosscheck')
    .description('Does a model behave the same when it believes nobody is watching? Sweeps from the command line.')
    .option('--url <url>', `the server; CROSSCHECK_URL, else ${DEFAULT_URL}`)
    .option(
      '--key-file <file>',
      'a file with the API key; else CROSSCHECK_KEY, else the key of a server that was started here',
    )
    .option('--json', 'one JSON document on standard output, and nothing else there')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .showHelpAfterError('(crosscheck --help tells more)')
    .addHelpText('after', EXIT_CODES);
  for (const add of COMMANDS) add(program, choose);
  return program;
}

const COMMANDS = [
  addRunCommand,
  addQuoteCommand,
  addListCommand,
  addShowCommand,
  addExportCommand,
  addReportCommand,
  addPowerCommand,
  addCompareCommands,
  addActCommands,
  addExtendCommand,
  addDeleteCommand,
  addCalibrationCommands,
  addDatasetCommand,
  addDeadLetterCommands,
  addLaneCommands,
  addQueuesCommand,
  addTeamCommands,
  addKeyCommands,
  addAuditCommand,
];

const EXIT_CODES = `
Exit codes: 0 done, 1 the server refused or cannot be reached, 2 the command line or a file was not understood,
3 the sweep was cancelled or failed, 130 detached by Ctrl-C.`;
