import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { writeOutput } from '../files.ts';
import type { Terminal } from '../terminal.ts';

type Options = GlobalOptions & { output?: string };

export function addReportCommand(program: Command, choose: Choose): void {
  program
    .command('report')
    .description('write a sweep as one HTML file to read, print and keep; with --json its numbers')
    .argument('<id>', 'the id of the sweep')
    .option('-o, --output <file>', 'a file to write; else standard output')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => report(terminal, id, options));
    });
}

async function report(terminal: Terminal, id: string, { output, json, ...options }: Options): Promise<ExitCode> {
  const client = connect(terminal, options);
  const text = json ? `${JSON.stringify(await client.report(id))}\n` : await client.reportPage(id);
  await writeOutput(terminal, output, text);
  return EXIT.ok;
}
