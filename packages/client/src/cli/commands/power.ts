import type { PowerPlan, PowerRequest } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { renderPower } from '../power-text.ts';
import { type Terminal, write } from '../terminal.ts';

type Options = GlobalOptions & {
  gap: string;
  power: string;
  alpha: string;
  samples?: string;
  prompts?: string;
  contrast?: string;
  grader?: string;
  model?: string;
};

export function addPowerCommand(program: Command, choose: Choose): void {
  program
    .command('power')
    .description('say how many prompts and samples find a gap, from the variances of a sweep that has run')
    .argument('[pilot]', 'the id of a sweep; without one typical variances are used')
    .option('--gap <share>', 'the gap to be found: 0.05 is five percentage points', '0.05')
    .option('--power <share>', 'the chance of finding it', '0.8')
    .option('--alpha <share>', 'the chance of finding one that is not there', '0.05')
    .option('--samples <list>', 'samples of each prompt and condition to plan with, such as 1,5,10')
    .option('--prompts <list>', 'prompts to plan with, such as 50,200')
    .option('--contrast <id>', 'the contrast of the pilot; its first unless said')
    .option('--grader <id>', 'the grader; its first one of compliance unless said')
    .option('--model <model>', 'the model; its first unless said')
    .action((pilot: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => plan(terminal, pilot, options));
    });
}

async function plan(terminal: Terminal, pilot: string | undefined, options: Options): Promise<ExitCode> {
  const { samples, prompts, contrast, grader, model } = options;
  const request: PowerRequest = {
    delta: toShare('--gap', options.gap),
    power: toShare('--power', options.power),
    alpha: toShare('--alpha', options.alpha),
    ...(samples === undefined ? {} : { samples: toNumbers('--samples', samples) }),
    ...(prompts === undefined ? {} : { prompts: toNumbers('--prompts', prompts) }),
    ...(pilot === undefined ? {} : { pilot, ...given({ contrast, grader, model }) }),
  };
  const answer: PowerPlan = await connect(terminal, options).power(request);
  await write(
    terminal.stdout,
    options.json ? `${JSON.stringify(answer)}\n` : renderPower(answer, terminal.stdout.columns),
  );
  return EXIT.ok;
}

function given(names: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function toNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new UsageError(`${option} is "${text}": want a number`);
}

/** People think in percent here, and 5 would mean 500 of them. */
function toShare(option: string, text: string): number {
  const value = toNumber(option, text);
  if (Math.abs(value) <= 1) return value;
  throw new UsageError(`${option} is ${text}: want a share, such as ${value / 100} for ${text} %`);
}

const toNumbers = (option: string, text: string): number[] => text.split(',').map((part) => toNumber(option, part));
