import type { Readable, Writable } from 'node:stream';

export type Output = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

/** Everything that the command sees of its surroundings; a test hands it streams of its own. */
export type Terminal = {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdin: Readable;
  /** results */
  stdout: Output;
  /** progress, questions, errors */
  stderr: Output;
  /** aborted by Ctrl-C */
  signal: AbortSignal;
  fetch?: typeof fetch | undefined;
};

/** Writes and waits until the stream can take more, so that a long export does not pile up in memory. */
export async function write(output: Output, text: string | Uint8Array): Promise<void> {
  if (output.write(text)) return;
  await new Promise<void>((resolve) => {
    output.once('drain', resolve);
    output.once('close', resolve);
  });
}

/** Colours only where a person looks and has not declined them (https://no-color.org). */
export function hasColours({ env }: Pick<Terminal, 'env'>, output: Output): boolean {
  return output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
