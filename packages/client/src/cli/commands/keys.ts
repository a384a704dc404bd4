import { type Command, InvalidArgumentError } from 'commander';
import type { ApiKey } from '../../wire.ts';
import type { Choose, GlobalOptions } from '../action.ts';
import { connect } from '../connection.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { minute } from '../format.ts';
import { showRows } from '../rows.ts';
import type { Column } from '../table.ts';
import { type Terminal, write } from '../terminal.ts';

type CreateOptions = GlobalOptions & { scopes: string[]; expires?: string };

/** `keys`: who may do what. For admins. */
export function addKeyCommands(program: Command, choose: Choose): void {
  const keys = program.command('keys').description('API keys: list, make and revoke them (admin)');
  keys
    .command('ls', { isDefault: true })
    .description('list keys, never the keys themselves')
    .option('--team <id>', 'only of this team')
    .action((_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { team?: string }>();
      choose((terminal) => list(terminal, options));
    });
  keys
    .command('create <team> <name>')
    .description('make a key for the team of this id; it is printed once')
    .requiredOption('--scopes <scopes>', 'some of submit, read, ops, admin, separated by commas', toScopes)
    .option('--expires <time>', 'when it ends by itself, ISO 8601')
    .action((team: string, name: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      choose((terminal) => create(terminal, { team, name }, options));
    });
  keys
    .command('revoke <id>')
    .description('revoke a key at once, in every api process')
    .action((id: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      choose((terminal) => revoke(terminal, id, options));
    });
}

async function list(terminal: Terminal, options: GlobalOptions & { team?: string }): Promise<ExitCode> {
  const { keys } = connect(terminal, options);
  const rows = await Array.fromAsync(keys.list(options.team === undefined ? {} : { team: options.team }));
  return showRows(terminal, options, { rows, columns: COLUMNS, none: 'no keys' });
}

const COLUMNS: readonly Column<ApiKey>[] = [
  { title: 'id', show: ({ id }) => id },
  { title: 'name', show: ({ name }) => name, widthMax: 24 },
  { title: 'scopes', show: ({ scopes }) => scopes.join(' ') },
  { title: 'begins', show: ({ hint }) => hint, spare: true },
  { title: 'created', show: ({ createdAt }) => minute(createdAt), spare: true },
  { title: 'last used', show: ({ lastUsedAt }) => minute(lastUsedAt) },
  { title: 'expires', show: ({ expiresAt }) => minute(expiresAt) },
  { title: 'revoked', show: ({ revokedAt }) => minute(revokedAt) },
];

async function create(
  terminal: Terminal,
  made: { team: string; name: string },
  { scopes, expires, ...options }: CreateOptions,
): Promise<ExitCode> {
  const { keys } = connect(terminal, options);
  const key = await keys.create({ ...made, scopes, ...(expires === undefined ? {} : { expiresAt: expires }) });
  // The key alone on standard output, so that it can be sent where it belongs without passing the screen.
  await write(terminal.stdout, options.json ? `${JSON.stringify(key)}\n` : `${key.key}\n`);
  if (!options.json) await write(terminal.stderr, `key ${key.id}: it is shown this once\n`);
  return EXIT.ok;
}

async function revoke(terminal: Terminal, id: string, options: GlobalOptions): Promise<ExitCode> {
  await connect(terminal, options).keys.revoke(id);
  await write(terminal.stdout, options.json ? `${JSON.stringify({ id })}\n` : `key ${id} opens nothing any more\n`);
  return EXIT.ok;
}

function toScopes(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  if (scopes.some((scope) => scope === '')) throw new InvalidArgumentError('expected scopes such as read,submit');
  return scopes;
}
