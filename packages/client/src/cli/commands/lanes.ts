import { count, type LaneSpec, type LaneView } from '@crosscheck/contracts';
import type { Command } from 'commander';
import { ProblemError } from '../../problem-error.ts';
import type { OpsApi } from '../../ops.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { toLimit } from '../arguments.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { showRow, showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

type SetOptions = GlobalOptions & {
  requests?: number;
  inputTokens?: number;
  outputTokens?: number;
  inFlight?: number;
  rampUp?: boolean;
};

type ActOptions = GlobalOptions & { lane: string | undefined; all?: boolean; reason?: string };

/** `lanes`: what all sweeps may spend together on a model, what they spend now, and stopping it. */
export function addLaneCommands(program: Command, choose: Choose): void {
  const lanes = program
    .command('lanes')
    .description('lanes: limits, use and what they wait for; change or pause them (ops)');
  lanes
    .command('ls', { isDefault: true })
    .description('list lanes with limits, use and backlog')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => list(terminal, options));
    });
  addLimits(lanes.command('set <lane>').description('change what a lane may spend; what is left out stays')).action(
    (lane: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<SetOptions>();
      choose((terminal) => change(terminal, options, (api) => setLimits(api, lane, options)));
    },
  );
  for (const act of ['pause', 'resume'] as const) {
    lanes
      .command(`${act} [lane]`)
      .description(ACTS[act])
      .option('--all', 'every lane instead of one')
      .option('--reason <text>', REASONS[act])
      .action((lane: string | undefined, _: unknown, command: Command) => {
        const options = command.optsWithGlobals<Omit<ActOptions, 'lane'>>();
        choose((terminal) => (options.all === true ? performOnAll : perform)(terminal, act, { ...options, lane }));
      });
  }
}

type Act = 'pause' | 'resume';

const ACTS = {
  pause: 'hand out no trials of a lane until it is resumed; calls in flight come to their end and are kept',
  resume: 'go on with a paused lane; also lifts a hold that a provider caused',
};
const REASONS = {
  pause: 'said to those who wait for it',
  resume: 'with --all: only lanes that are paused for it',
};

function addLimits(command: Command): Command {
  return command
    .option('--requests <n>', 'requests a minute, or none', toLimit)
    .option('--input-tokens <n>', 'uncached input and cache-write tokens a minute, or none', toLimit)
    .option('--output-tokens <n>', 'output tokens a minute, or none', toLimit)
    .option('--in-flight <n>', 'calls at the same time, or none', toLimit)
    .option('--ramp-up', 'start at a tenth after ten idle minutes, and climb')
    .option('--no-ramp-up', 'start at the full rates');
}

/** The API replaces all limits at once, so that those which were not named are sent as they are. */
async function setLimits(api: OpsApi['lanes'], lane: string, options: SetOptions): Promise<LaneView> {
  const { requests, inputTokens, outputTokens, inFlight, rampUp } = options;
  const named = {
    requestsPerMinute: requests,
    inputTokensPerMinute: inputTokens,
    outputTokensPerMinute: outputTokens,
    maxInFlight: inFlight,
    rampUp,
  };
  const changed = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return api.put(lane, { ...(await limitsOf(api, lane)), ...changed } as LaneSpec);
}

/** A lane that no sweep has used yet has no limits to keep. */
async function limitsOf(api: OpsApi['lanes'], lane: string): Promise<LaneSpec> {
  try {
    return (await api.get(lane)).limits;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'LANE_UNKNOWN') return {};
    throw error;
  }
}

async function list(terminal: Terminal, options: GlobalOptions): Promise<ExitCode> {
  const rows = await Array.fromAsync(connect(terminal, options).lanes.list());
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no lanes' });
}

async function change(
  terminal: Terminal,
  options: GlobalOptions,
  act: (api: OpsApi['lanes']) => Promise<LaneView>,
): Promise<ExitCode> {
  const row = await act(connect(terminal, options).lanes);
  return showRow(terminal, options, { row, columns: COLUMNS });
}

async function perform(terminal: Terminal, act: Act, { lane, reason, ...options }: ActOptions): Promise<ExitCode> {
  if (lane === undefined) throw new UsageError('name a lane, or say --all');
  if (act === 'resume' && reason !== undefined)
    throw new UsageError('--reason chooses among --all; one lane is resumed whatever paused it');
  return change(terminal, options, (api) => (act === 'pause' ? api.pause(lane, { reason }) : api.resume(lane)));
}

async function performOnAll(terminal: Terminal, act: Act, { lane, reason, ...options }: ActOptions): Promise<ExitCode> {
  if (lane !== undefined) throw new UsageError('name a lane or say --all, not both');
  const api = connect(terminal, options).lanes;
  const changed = await (act === 'pause' ? api.pauseAll({ reason }) : api.resumeAll({ reason }));
  const text = [...changed.lanes, `${count(changed.count)} lanes: ${act}d`].map((line) => `${plain(line)}\n`).join('');
  await write(terminal.stdout, options.json ? `${JSON.stringify(changed)}\n` : text);
  return EXIT.ok;
}

const limit = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'none' : count(value);

/** What is in force beside what is configured, where a refusal has lowered it. */
function rate({ limits, budget }: LaneView): string {
  const inForce = budget?.requestsPerMinute ?? null;
  const configured = limits.requestsPerMinute ?? Infinity;
  return inForce !== null && inForce < configured - 0.5
    ? `${count(Math.round(inForce))} of ${limit(limits.requestsPerMinute)}`
    : limit(limits.requestsPerMinute);
}

const whyNot = ({ paused, budget, waits }: LaneView): string =>
  paused?.reason ?? budget?.hold?.reason ?? waits?.detail ?? '';

const COLUMNS: readonly Column<LaneView>[] = [
  { title: 'lane', show: ({ id }) => id, widthMax: 48 },
  { title: 'requests/min', show: rate, align: 'right' },
  { title: 'input tok/min', show: ({ limits }) => limit(limits.inputTokensPerMinute), align: 'right', spare: true },
  { title: 'output tok/min', show: ({ limits }) => limit(limits.outputTokensPerMinute), align: 'right', spare: true },
  {
    title: 'in flight',
    show: ({ limits, budget }) => `${budget === null ? '?' : count(budget.inFlight)} of ${limit(limits.maxInFlight)}`,
    align: 'right',
  },
  { title: 'queued', show: ({ backlog }) => count(backlog.queued), align: 'right' },
  { title: 'planned', show: ({ backlog }) => count(backlog.planned), align: 'right' },
  { title: 'waits for', show: whyNot, spare: true },
];
