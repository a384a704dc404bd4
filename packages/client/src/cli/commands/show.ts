import { isFinished, type SweepDetail } from '@crosscheck/contracts';
import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { showMetrics, watchToTheEnd } from '../follow.ts';
import { progressLines } from '../progress-lines.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { hasColours, type Terminal, write } from '../terminal.ts';

type Options = GlobalOptions & { watch?: boolean };

export function addShowCommand(program: Command, choose: Choose): void {
  program
    .command('show')
    .description('show where a sweep stands and what it has measured so far')
    .argument('<id>', 'the id of the sweep')
    .option('--watch', 'follow it to its end first')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => show(terminal, id, options));
    });
}

async function show(terminal: Terminal, id: string, { watch, json, ...options }: Options): Promise<ExitCode> {
  const client = connect(terminal, options);
  const sweep = watch ? await watchToTheEnd(terminal, client, id) : await client.sweeps.get(id);
  if (sweep === null) return EXIT.detached;
  if (!watch && !json) await write(terminal.stdout, standing(terminal, sweep));
  await showMetrics(terminal, client, sweep, json === true);
  const over = isFinished(sweep.state) && sweep.state !== 'completed';
  return watch && over ? EXIT.notCompleted : EXIT.ok;
}

function standing(terminal: Terminal, sweep: SweepDetail): string {
  const look = { width: terminal.stdout.columns ?? 120, colours: hasColours(terminal, terminal.stdout) };
  return `${progressLines(sweep, look).join('\n')}\n`;
}
