import path from 'node:path';
import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { openDatasetFile } from '../dataset-file.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { count } from '../format.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & { name?: string };

export function addDatasetCommand(program: Command, choose: Choose): void {
  program
    .command('dataset')
    .description('prompts that sweeps share')
    .command('upload')
    .description('upload prompts; the same prompts are the same version')
    .argument('<file>', '.jsonl or .ndjson with {"id", "text"} a line, .csv or .tsv with a column "text"')
    .option('--name <name>', 'default: the name of the file')
    .action((file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => upload(terminal, file, options));
    });
}

async function upload(terminal: Terminal, file: string, { name, json, ...options }: Options): Promise<ExitCode> {
  const { datasets } = connect(terminal, options);
  const opened = await openDatasetFile(path.resolve(terminal.cwd, file), name);
  const dataset = await datasets.upload(opened.name, { ndjson: opened.lines });
  const line = `${dataset.id}  ${plain(dataset.name)}  ${count(dataset.prompts)} prompts  version ${dataset.version}`;
  await write(terminal.stdout, json ? `${JSON.stringify(dataset)}\n` : `${line}\n`);
  return EXIT.ok;
}
