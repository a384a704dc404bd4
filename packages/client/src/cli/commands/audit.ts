import type { AuditEntry } from '@crosscheck/contracts';
import type { Command } from 'commander';
import type { AuditFilter } from '../../admin.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { toCount } from '../arguments.ts';
import { connect } from '../connection.ts';
import type { ExitCode } from '../failure.ts';
import { minute } from '../format.ts';
import { showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

type Options = GlobalOptions & AuditFilter & { limit: number };

/** `audit`: who changed what. */
export function addAuditCommand(program: Command, choose: Choose): void {
  program
    .command('audit')
    .description('who changed what, latest first (ops: your own team, admin: all)')
    .option('--team <id>', 'only of this team')
    .option('--key <id>', 'only by this API key')
    .option('--subject <id>', 'only of this sweep, team, lane, …')
    .option('--action <text>', 'only actions that begin so, such as "PUT /v1/lanes"')
    .option('--since <time>', 'from then on, ISO 8601')
    .option('--until <time>', 'up to then, ISO 8601')
    .option('--limit <n>', 'at most so many', toCount, 50)
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      choose((terminal) => list(terminal, options));
    });
}

async function list(terminal: Terminal, { limit, json, url, keyFile, ...filter }: Options): Promise<ExitCode> {
  const options = { ...(url === undefined ? {} : { url }), ...(keyFile === undefined ? {} : { keyFile }) };
  const rows: AuditEntry[] = [];
  for await (const entry of connect(terminal, options).audit.list(filter)) if (rows.push(entry) >= limit) break;
  return showRows(terminal, json ? { json } : {}, { rows, columns: COLUMNS, none: 'no entries' });
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'at', show: ({ at }) => minute(at) },
  { title: 'team', show: ({ team }) => team?.name ?? '', widthMax: 20 },
  { title: 'key', show: ({ key }) => key?.name ?? '', widthMax: 20 },
  { title: 'action', show: ({ action }) => action },
  { title: 'subject', show: ({ subject }) => subject.id ?? '' },
  { title: 'status', show: ({ status }) => String(status ?? 'no answer') },
  { title: 'changed', show: toChanges, spare: true },
  { title: 'from', show: ({ address }) => address, spare: true },
];

/** What differs between before and after, by name. */
function toChanges({ before, after }: AuditEntry): string {
  if (before === null || after === null) return '';
  const changed = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return changed
    .map((name) => `${name} ${JSON.stringify(before[name] ?? null)} → ${JSON.stringify(after[name])}`)
    .join(', ');
}
