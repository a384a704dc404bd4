import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Calibration, Grader } from '@crosscheck/contracts';
import type { Command } from 'commander';
import { parse, YAMLParseError } from 'yaml';
import type { Choose, GlobalOptions } from '../action.ts';
import { renderCalibration } from '../calibration-text.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { type Terminal, write, writeData } from '../terminal.ts';

type Options = GlobalOptions & { codebook?: string; randomLabels?: boolean; grader?: string; output?: string };
type Perform = (terminal: Terminal, id: string, options: Options) => Promise<ExitCode>;

/** `labels export`, `labels import`, `calibration` and `regrade`: judges and what people say of them. */
export function addCalibrationCommands(program: Command, choose: Choose): void {
  const act = (perform: Perform) => (id: string, _: unknown, command: Command) => {
    const options = command.optsWithGlobals<Options>();
    choose((terminal) => perform(terminal, id, options));
  };
  const labels = program.command('labels').description('human labels of a sweep, as CSV');
  labels
    .command('export')
    .description('write all labels of a sweep')
    .argument('<id>', 'the id of the sweep')
    .option('-o, --output <file>', 'a file to write; else standard output')
    .action(act(exportLabels));
  labels
    .command('import')
    .description(
      'keep the labels of a CSV file: trial, measure, label, labeller, and where wanted codebook, blind, note, at',
    )
    .argument('<id>', 'the id of the sweep')
    .argument('<file>', 'the CSV file')
    .action((id: string, file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => importLabels(terminal, id, file, options));
    });
  program
    .command('calibration')
    .description('say how good the judges of a sweep are against human labels')
    .argument('<id>', 'the id of the sweep')
    .option('--codebook <version>', 'whose labels count; the one used last unless said')
    .option('--random-labels', 'vouch that labels from elsewhere are a random draw')
    .action(act(showCalibration));
  program
    .command('regrade')
    .description('grade the answers of a finished sweep anew; the subject is not asked')
    .argument('<id>', 'the id of the sweep')
    .requiredOption('--grader <file>', 'a grader, or a list of them, in YAML or JSON')
    .action(act(regrade));
}

async function exportLabels(terminal: Terminal, id: string, { output, ...options }: Options): Promise<ExitCode> {
  const csv = await connect(terminal, options).labels.csv(id);
  if (output === undefined) await writeData(terminal.stdout, new Blob([csv]).stream());
  else await writeFile(path.resolve(terminal.cwd, output), csv);
  return EXIT.ok;
}

async function importLabels(terminal: Terminal, id: string, file: string, options: Options): Promise<ExitCode> {
  const csv = new Uint8Array(await readOrRefuse(path.resolve(terminal.cwd, file), file));
  const kept = await connect(terminal, options).labels.sendCsv(id, csv);
  const text = `${kept.kept} labels kept, ${kept.unchanged} there already\n`;
  await write(terminal.stdout, options.json ? `${JSON.stringify(kept)}\n` : text);
  return EXIT.ok;
}

async function showCalibration(terminal: Terminal, id: string, options: Options): Promise<ExitCode> {
  const { codebook, randomLabels } = options;
  const answer: Calibration = await connect(terminal, options).labels.calibration(id, { codebook, randomLabels });
  await write(
    terminal.stdout,
    options.json ? `${JSON.stringify(answer)}\n` : renderCalibration(answer, terminal.stdout.columns),
  );
  return EXIT.ok;
}

async function regrade(terminal: Terminal, id: string, options: Options): Promise<ExitCode> {
  const file = options.grader ?? '';
  const document = parseYaml((await readOrRefuse(path.resolve(terminal.cwd, file), file)).toString('utf8'), file);
  // What a grader may say is the server's to check.
  const graders = [document].flat() as Grader[];
  const answer = await connect(terminal, options).labels.regrade(id, { graders });
  const text = `${answer.trials} trials are graded anew by ${answer.graders.join(', ') || 'nobody'}; the sweep is ${answer.state}\n`;
  await write(terminal.stdout, options.json ? `${JSON.stringify(answer)}\n` : text);
  return EXIT.ok;
}

async function readOrRefuse(file: string, name: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError(`the file ${name} does not exist`);
    throw error;
  });
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${file} is neither YAML nor JSON: ${error.message.trim()}`);
  }
}
