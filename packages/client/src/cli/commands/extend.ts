import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { count, counted, type ExtensionSpec } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Client } from '../../client.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { toCount } from '../arguments.ts';
import { connect } from '../connection.ts';
import { openDatasetFile } from '../dataset-file.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & { samples?: number; prompts?: string; dataset?: string; idempotencyKey?: string };

/** `extend`: more of a sweep, behind what it has. */
export function addExtendCommand(program: Command, choose: Choose): void {
  program
    .command('extend')
    .description('add samples or prompts to a sweep that runs, is paused or is completed')
    .argument('<id>', 'the id of the sweep')
    .option('--samples <n>', 'samples to add to every prompt', toCount)
    .option('--prompts <file>', 'prompts to add: .jsonl, .ndjson, .csv or .tsv, as for dataset upload')
    .option('--dataset <name>', 'add those prompts of an uploaded dataset that the sweep does not have')
    .option('--idempotency-key <key>', 'the same key again extends only once')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => extend(terminal, id, options));
    });
}

async function extend(terminal: Terminal, id: string, options: Options): Promise<ExitCode> {
  const { samples, prompts, dataset, idempotencyKey = randomUUID(), json, ...connection } = options;
  if (samples === undefined && prompts === undefined && dataset === undefined)
    throw new UsageError('say what to add: --samples, --prompts or --dataset');
  if (prompts !== undefined && dataset !== undefined) throw new UsageError('give --prompts or --dataset, not both');
  const client = connect(terminal, connection);
  const extension: ExtensionSpec = {
    ...(samples === undefined ? {} : { samples }),
    ...(dataset === undefined ? {} : { dataset: { name: dataset } }),
    ...(prompts === undefined ? {} : { dataset: { id: await upload(client, terminal, prompts) } }),
  };
  const extended = await client.sweeps.extend(id, extension, { idempotencyKey });
  for (const warning of extended.warnings) await write(terminal.stderr, `warning: ${plain(warning)}\n`);
  const { trials, meaning } = extended.extension;
  const line = `${plain(extended.id)} ${extended.state}: ${counted(trials, 'trial')} more, ${count(extended.trials)} in all\n${plain(meaning)}\n`;
  await write(terminal.stdout, json ? `${JSON.stringify(extended)}\n` : line);
  return EXIT.ok;
}

async function upload(client: Client, terminal: Terminal, file: string): Promise<string> {
  const { name, lines } = await openDatasetFile(path.resolve(terminal.cwd, file));
  return (await client.datasets.upload(name, { ndjson: lines })).id;
}
