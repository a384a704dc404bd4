import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { renderQuote } from '../quote-text.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';
import { prepareSpec } from './run.ts';

type Options = GlobalOptions & { dataset?: string };

export function addQuoteCommand(program: Command, choose: Choose): void {
  program
    .command('quote')
    .description('say what a sweep would plan and cost, without running it; its dataset is uploaded')
    .argument('<file>', 'the sweep in YAML or JSON')
    .option('--dataset <file>', 'prompts to upload first: .jsonl, .ndjson, .csv or .tsv')
    .action((file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => quote(terminal, file, options));
    });
}

async function quote(terminal: Terminal, file: string, options: Options): Promise<ExitCode> {
  const client = connect(terminal, options);
  const spec = await prepareSpec(terminal, client, file, options.dataset);
  const answer = await client.sweeps.quote(spec);
  for (const warning of answer.warnings) terminal.stderr.write(`warning: ${plain(warning)}\n`);
  await write(terminal.stdout, options.json ? `${JSON.stringify(answer)}\n` : renderQuote(answer));
  return EXIT.ok;
}
