import path from 'node:path';
import { count, counted, type Dataset } from '@crosscheck/contracts';
import type { Command } from 'commander';
import { connect } from '../connection.ts';
import { openDatasetFile } from '../dataset-file.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { minute } from '../format.ts';
import { showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & { name?: string };

export function addDatasetCommand(program: Command, choose: Choose): void {
  const datasets = program.command('dataset').description('prompts that sweeps share');
  datasets
    .command('ls', { isDefault: true })
    .description('list datasets, newest first')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => list(terminal, options));
    });
  datasets
    .command('upload')
    .description('upload prompts; the same prompts are the same version')
    .argument('<file>', '.jsonl or .ndjson with {"id", "text"} a line, .csv or .tsv with a column "text"')
    .option('--name <name>', 'default: the name of the file')
    .action((file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => upload(terminal, file, options));
    });
}

async function list(terminal: Terminal, options: GlobalOptions): Promise<ExitCode> {
  const rows = await Array.fromAsync(connect(terminal, options).datasets.list());
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no datasets' });
}

async function upload(terminal: Terminal, file: string, { name, json, ...options }: Options): Promise<ExitCode> {
  const { datasets } = connect(terminal, options);
  const opened = await openDatasetFile(path.resolve(terminal.cwd, file), name);
  const dataset = await datasets.upload(opened.name, { ndjson: opened.lines });
  const line = `${dataset.id}  ${plain(dataset.name)}  ${counted(dataset.prompts, 'prompt')}  version ${dataset.version}`;
  await write(terminal.stdout, json ? `${JSON.stringify(dataset)}\n` : `${line}\n`);
  return EXIT.ok;
}

const COLUMNS: readonly Column<Dataset>[] = [
  { title: 'id', show: ({ id }) => id },
  { title: 'name', show: ({ name }) => name, widthMax: 48 },
  { title: 'prompts', show: ({ prompts }) => count(prompts), align: 'right' },
  { title: 'version', show: ({ version }) => version },
  { title: 'made', show: ({ createdAt }) => minute(createdAt), spare: true },
];
