import { type Calibration, counted, type Grader } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { renderCalibration } from '../calibration-text.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { readDocument, readInput, writeOutput } from '../files.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

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
  await writeOutput(terminal, output, csv);
  return EXIT.ok;
}

async function importLabels(terminal: Terminal, id: string, file: string, options: Options): Promise<ExitCode> {
  const csv = new Uint8Array(await readInput(terminal, file));
  const kept = await connect(terminal, options).labels.sendCsv(id, csv);
  const text = `${counted(kept.kept, 'label')} kept, ${kept.unchanged} there already\n`;
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
  const graders = toGraders(await readDocument(terminal, options.grader ?? ''));
  const answer = await connect(terminal, options).labels.regrade(id, { graders });
  const text =
    answer.graders.length === 0
      ? `every answer is graded by these already; the sweep is ${answer.state}\n`
      : `${counted(answer.trials, 'trial')} ${answer.trials === 1 ? 'is' : 'are'} graded anew by ${plain(answer.graders.join(', '))}; the sweep is ${answer.state}\n`;
  await write(terminal.stdout, options.json ? `${JSON.stringify(answer)}\n` : text);
  return EXIT.ok;
}

/** One, a list, or `graders:` as in the file of a sweep. What a grader may say is the server's to check. */
function toGraders(document: unknown): Grader[] {
  const isNamed = typeof document === 'object' && document !== null && 'graders' in document;
  return [isNamed ? document.graders : document].flat() as Grader[];
}
