import { type Command, Option } from 'commander';
import type { ExportFormat } from '../../sweeps.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { writeOutput } from '../files.ts';
import type { Terminal } from '../terminal.ts';

type Options = GlobalOptions & { format: ExportFormat; output?: string };

export function addExportCommand(program: Command, choose: Choose): void {
  program
    .command('export')
    .description('stream every trial of a sweep, with answers and verdicts')
    .argument('<id>', 'the id of the sweep')
    .addOption(
      new Option('--format <format>', 'form of the export').choices(['ndjson', 'csv', 'parquet']).default('ndjson'),
    )
    .option('-o, --output <file>', 'a file to write; else standard output')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => exportSweep(terminal, id, options));
    });
}

async function exportSweep(terminal: Terminal, id: string, { format, output, ...options }: Options): Promise<ExitCode> {
  if (format === 'parquet' && output === undefined && terminal.stdout.isTTY) {
    throw new UsageError('parquet is binary: give a file with -o, or redirect standard output');
  }
  const { sweeps } = connect(terminal, options);
  const bytes = await sweeps.export(id, { format, signal: terminal.signal });
  await writeOutput(terminal, output, bytes);
  return EXIT.ok;
}
