import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { counted, type SweepDetail, type SweepSpec } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Client } from '../../client.ts';
import { connect } from '../connection.ts';
import { openDatasetFile } from '../dataset-file.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { showMetrics, watchToTheEnd } from '../follow.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { readSweepFile } from '../sweep-file.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Options = GlobalOptions & { dataset?: string; detach?: boolean; idempotencyKey?: string };

export function addRunCommand(program: Command, choose: Choose): void {
  program
    .command('run')
    .description('submit a sweep, follow it to its end and print its numbers')
    .argument('<file>', 'the sweep in YAML or JSON')
    .option('--dataset <file>', 'prompts to upload first: .jsonl, .ndjson, .csv or .tsv')
    .option('--detach', 'submit only')
    .option(
      '--idempotency-key <key>',
      'submitting again under the same key is the same sweep; default a new one each time',
    )
    .action((file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => run(terminal, file, options));
    });
}

async function run(terminal: Terminal, file: string, options: Options): Promise<ExitCode> {
  const client = connect(terminal, options);
  const spec = await prepareSpec(terminal, client, file, options.dataset);
  const accepted = await client.sweeps.submit(spec, { idempotencyKey: options.idempotencyKey ?? randomUUID() });
  terminal.stderr.write(
    `sweep ${accepted.id}: ${counted(accepted.trials, 'trial')}${accepted.replayed ? ', submitted before' : ''}\n`,
  );
  for (const warning of accepted.warnings) terminal.stderr.write(`warning: ${plain(warning)}\n`);
  if (options.detach) {
    await write(terminal.stdout, options.json ? `${JSON.stringify(accepted)}\n` : `${accepted.id}\n`);
    return EXIT.ok;
  }
  const last = await watchToTheEnd(terminal, client, accepted.id);
  if (last === null) return EXIT.detached;
  await showMetrics(terminal, client, last, options.json === true);
  return exitCodeOfState(last);
}

/** Reads the sweep, and uploads the dataset when it lies in a file of its own. */
export async function prepareSpec(
  terminal: Terminal,
  client: Pick<Client, 'datasets'>,
  file: string,
  datasetFile: string | undefined,
): Promise<SweepSpec> {
  const { spec, dataset } = await readSweepFile(path.resolve(terminal.cwd, file));
  const chosen = datasetFile === undefined ? dataset : { file: path.resolve(terminal.cwd, datasetFile) };
  if (chosen === null) return spec;
  const { name, lines } = await openDatasetFile(chosen.file, chosen.name);
  const { id, prompts } = await client.datasets.upload(name, { ndjson: lines });
  terminal.stderr.write(`dataset ${plain(name)}: ${counted(prompts, 'prompt')}\n`);
  return { ...spec, dataset: { id } };
}

function exitCodeOfState({ state }: SweepDetail): ExitCode {
  return state === 'completed' ? EXIT.ok : EXIT.notCompleted;
}
