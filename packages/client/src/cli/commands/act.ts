import { counted, type Outcome, OUTCOMES } from '@crosscheck/contracts';
import { type Command, Option } from 'commander';
import type { Client } from '../../client.ts';
import type { MovedSweep } from '../../wire.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type Act = (client: Client, id: string) => Promise<MovedSweep>;

const ACTS = {
  pause: {
    description: 'stop a sweep: no trial starts, and calls in flight are ended and asked again when it goes on',
    act: ({ sweeps }, id) => sweeps.pause(id),
  },
  resume: { description: 'go on with a paused sweep', act: ({ sweeps }, id) => sweeps.resume(id) },
  cancel: { description: 'end a sweep; what has settled stays', act: ({ sweeps }, id) => sweeps.cancel(id) },
} as const satisfies Record<string, { description: string; act: Act }>;

/** `pause`, `resume`, `cancel` and `retry`: what moves a sweep to another state. */
export function addActCommands(program: Command, choose: Choose): void {
  for (const [name, { description, act }] of Object.entries(ACTS)) {
    addAct(program, { name, description }).action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => perform(terminal, id, act, options));
    });
  }
  addAct(program, {
    name: 'retry',
    description: 'plan trials again that ended in failure; a finished sweep runs again',
  })
    .addOption(new Option('--outcome <outcome...>', 'which ones; default infra_failed, judge_failed').choices(OUTCOMES))
    .action((id: string, { outcome: outcomes }: { outcome?: Outcome[] }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => retry(terminal, id, outcomes, options));
    });
}

function addAct(program: Command, { name, description }: { name: string; description: string }): Command {
  return program.command(name).description(description).argument('<id>', 'the id of the sweep');
}

async function perform(
  terminal: Terminal,
  id: string,
  act: Act,
  { json, ...options }: GlobalOptions,
): Promise<ExitCode> {
  const sweep = await act(connect(terminal, options), id);
  await write(terminal.stdout, json ? `${JSON.stringify(sweep)}\n` : `${plain(sweep.id)} ${sweep.state}\n`);
  return EXIT.ok;
}

async function retry(
  terminal: Terminal,
  id: string,
  outcomes: Outcome[] | undefined,
  { json, ...options }: GlobalOptions,
): Promise<ExitCode> {
  const sweep = await connect(terminal, options).sweeps.retry(id, { outcomes });
  const what =
    sweep.trials === 0
      ? 'no trial ended so, none runs again'
      : `${counted(sweep.trials, 'trial')} ${sweep.trials === 1 ? 'runs' : 'run'} again`;
  await write(terminal.stdout, json ? `${JSON.stringify(sweep)}\n` : `${plain(sweep.id)} ${sweep.state}: ${what}\n`);
  return EXIT.ok;
}
