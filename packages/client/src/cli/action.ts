import type { ExitCode } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** What every command may be told. */
export type GlobalOptions = { url?: string; keyFile?: string; json?: boolean };

/** What a command does; its number ends the process. */
export type Action = (terminal: Terminal) => Promise<ExitCode>;

/** Says which action the command line asks for. It is performed when the whole line has been understood. */
export type Choose = (action: Action) => void;
