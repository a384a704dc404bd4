import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { runCli } from '../../src/cli/program.ts';
import { type Handler, openWireServer } from './wire-server.ts';

export type CommandRun = { code: number; out: string; err: string; asked: string[] };

/** Runs a command line against a server that answers as the test says. `asked`: each request as method, path and body. */
export async function runCommand(t: TestContext, args: readonly string[], answer: Handler): Promise<CommandRun> {
  const asked: string[] = [];
  const { url } = await openWireServer(t, (request, response, body) => {
    asked.push(`${request.method} ${request.url} ${body}`);
    answer(request, response, body);
  });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [out, err] = [text(stdout), text(stderr)];
  const terminal = {
    env: { CROSSCHECK_KEY: 'k' },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    signal: AbortSignal.timeout(20_000),
  };
  const code = await runCli([...args, '--url', url], terminal);
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err, asked };
}
