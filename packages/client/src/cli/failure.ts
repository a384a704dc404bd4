import type { ErrorHint } from '@crosscheck/contracts';
import { ProblemError } from '../problem-error.ts';
import { plain } from './text.ts';

/** What a process of the command ends with. */
export const EXIT = {
  ok: 0,
  /** the server refused, nothing answered, a file cannot be read */
  error: 1,
  /** the command line or a file was not understood */
  usage: 2,
  /** the sweep was cancelled or failed */
  notCompleted: 3,
  /** Ctrl-C: the sweep goes on without a spectator */
  detached: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The caller asked for something that cannot be: the message says what would do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof UsageError ? EXIT.usage : EXIT.error;
}

/** One line for people, and one more for each further fault: `code: detail (field models[0], got "opus", expected provider/model)`. */
export function toMessage(error: unknown): string {
  if (!(error instanceof ProblemError)) return error instanceof Error ? error.message : String(error);
  const { errors = [], ...first } = error.problem;
  // The problem itself is the first of its faults.
  const others = errors.slice(1);
  const lines = [
    `${first.code}: ${describe(first)}`,
    ...others.slice(0, OTHERS_MAX).map((one) => `  ${describe(one)}`),
  ];
  if (others.length > OTHERS_MAX) lines.push(`  and ${others.length - OTHERS_MAX} more`);
  return lines.join('\n');
}

const OTHERS_MAX = 10;
/** A value that was refused is shown up to here: it may be a whole prompt. */
const GOT_LENGTH_MAX = 120;

/** The sentence, and those hints in brackets that it does not hold already. */
function describe({ detail, field, got, expected, line }: ErrorHint & { detail: string }): string {
  const hints = [
    { text: line === undefined ? '' : String(line), label: 'line' },
    { text: field ?? '', label: 'field' },
    { text: got === undefined ? '' : JSON.stringify(got).slice(0, GOT_LENGTH_MAX), label: 'got' },
    { text: expected ?? '', label: 'expected' },
  ];
  const missing = hints.filter(({ text }) => text !== '' && !detail.includes(text));
  if (missing.length === 0) return plain(detail);
  return plain(`${detail} (${missing.map(({ label, text }) => `${label} ${text}`).join(', ')})`);
}
