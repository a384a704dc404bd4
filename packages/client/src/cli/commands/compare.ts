import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { renderComparison, renderDiff } from '../comparison-text.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { type Terminal, write } from '../terminal.ts';

/** `compare` and `diff`: the numbers of two sweeps, and what they asked. */
export function addCompareCommands(program: Command, choose: Choose): void {
  program
    .command('compare')
    .description('compare the rates of two sweeps, condition by condition')
    .argument('<a>', 'the id of a sweep')
    .argument('<b>', 'the id of another')
    .action((a: string, b: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => compare(terminal, [a, b], options));
    });
  program
    .command('diff')
    .description('show what differs between two sweeps, byte by byte')
    .argument('<a>', 'the id of a sweep')
    .argument('<b>', 'the id of another')
    .action((a: string, b: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => diff(terminal, [a, b], options));
    });
}

async function compare(terminal: Terminal, [a, b]: [string, string], options: GlobalOptions): Promise<ExitCode> {
  const answer = await connect(terminal, options).compare(a, b);
  const text = options.json ? `${JSON.stringify(answer)}\n` : renderComparison(answer, terminal.stdout.columns);
  await write(terminal.stdout, text);
  return EXIT.ok;
}

async function diff(terminal: Terminal, [a, b]: [string, string], options: GlobalOptions): Promise<ExitCode> {
  const answer = await connect(terminal, options).diff(a, b);
  await write(terminal.stdout, options.json ? `${JSON.stringify(answer)}\n` : renderDiff(answer));
  return EXIT.ok;
}
