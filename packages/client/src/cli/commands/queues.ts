import { count, type Queues } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { duration, minute } from '../format.ts';
import { type Column, renderTable } from '../table.ts';
import { type Terminal, write } from '../terminal.ts';
import { plain } from '../text.ts';

/** `queues`: what is wrong now and what to do, what waits and since when, and who works. */
export function addQueuesCommand(program: Command, choose: Choose): void {
  program
    .command('queues')
    .description('say how the service is: problems, what waits and since when, who works (ops)')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => showQueues(terminal, options));
    });
}

async function showQueues(terminal: Terminal, options: GlobalOptions): Promise<ExitCode> {
  const queues = await connect(terminal, options).queues.get();
  await write(terminal.stdout, options.json ? `${JSON.stringify(queues)}\n` : toText(queues, terminal.stdout.columns));
  return EXIT.ok;
}

function toText({ backend, problems, leaders, lanes, workers }: Queues, width: number | undefined): string {
  return [
    problems.length === 0 ? 'no problems\n' : problems.map(toProblem).join(''),
    renderTable(LANES, lanes, width) || 'no lanes\n',
    renderTable(WORKERS, workers, width) || 'no worker is alive\n',
    renderTable(LEADERS, leaders, width) || 'nobody leads\n',
    `queue: ${backend ?? 'not in this process'}\n`,
  ].join('\n');
}

function toProblem({ code, subject, since, detail, todo }: Queues['problems'][number]): string {
  return `${code}  ${plain(subject)}  since ${minute(since)}\n  ${plain(detail)}\n  to do: ${plain(todo)}\n`;
}

const LANES: readonly Column<Queues['lanes'][number]>[] = [
  { title: 'lane', show: ({ lane }) => lane, widthMax: 48 },
  { title: 'planned', show: ({ planned }) => count(planned), align: 'right' },
  { title: 'queued', show: ({ queued }) => count(queued), align: 'right' },
  {
    title: 'oldest',
    show: ({ oldestQueuedMs }) => (oldestQueuedMs === null ? '' : duration(oldestQueuedMs)),
    align: 'right',
  },
  { title: 'calls/min', show: ({ callsPerMinute }) => count(callsPerMinute), align: 'right' },
  { title: 'waiting', show: ({ jobs }) => (jobs === null ? '?' : count(jobs.waiting)), align: 'right' },
  { title: 'active', show: ({ jobs }) => (jobs === null ? '?' : count(jobs.active)), align: 'right' },
  { title: 'delayed', show: ({ jobs }) => (jobs === null ? '?' : count(jobs.delayed)), align: 'right', spare: true },
  { title: 'paused', show: ({ paused }) => paused ?? '', spare: true },
];

const WORKERS: readonly Column<Queues['workers'][number]>[] = [
  { title: 'worker', show: ({ id }) => id, widthMax: 48 },
  {
    title: 'running',
    show: ({ running }) => count(Object.values(running).reduce((sum, n) => sum + n, 0)),
    align: 'right',
  },
  { title: 'last settled', show: ({ lastSettledAt }) => minute(lastSettledAt) },
  { title: 'seen', show: ({ seenAt }) => minute(seenAt) },
  { title: 'started', show: ({ startedAt }) => minute(startedAt), spare: true },
];

const LEADERS: readonly Column<Queues['leaders'][number]>[] = [
  { title: 'leads', show: ({ role }) => role },
  { title: 'who', show: ({ holder }) => holder, widthMax: 48 },
  { title: 'term', show: ({ term }) => count(term), align: 'right' },
  { title: 'heard', show: ({ silentMs }) => `${duration(silentMs)} ago`, align: 'right' },
  { title: 'last round', show: ({ sinceRoundMs }) => `${duration(sinceRoundMs)} ago`, align: 'right' },
];
