import { readFile, rename, writeFile } from 'node:fs/promises';
import { announceReady } from '@crosscheck/runtime';
import { startSimulator, type SimulatorConfig } from './app.ts';

const READY_LINE_MODE = 0o600;

/** A port number of the environment. @throws Error naming the variable */
function readPort(name: string, fallback: number): number {
  const text = process.env[name] ?? String(fallback);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${name} is "${text}", expected 0 to 65535`);
  return port;
}

async function readConfigFile(path: string | undefined): Promise<SimulatorConfig> {
  if (path === undefined || path === '') return {};
  try {
    return JSON.parse(await readFile(path, 'utf8')) as SimulatorConfig;
  } catch (error) {
    throw new Error(`CROSSCHECK_SIMULATOR_CONFIG: cannot read ${path} as JSON: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function explain(error: unknown, port: number, controlPort: number): string {
  const { code, port: taken } = error as { code?: string; port?: number };
  if (code !== 'EADDRINUSE') return messageOf(error);
  const name =
    taken === controlPort && taken !== port ? 'CROSSCHECK_SIMULATOR_CONTROL_PORT' : 'CROSSCHECK_SIMULATOR_PORT';
  return `Port ${taken} is taken: stop what listens there, or set ${name} (0 takes a free port)`;
}

async function main(): Promise<void> {
  const file = await readConfigFile(process.env['CROSSCHECK_SIMULATOR_CONFIG']);
  const port = readPort('CROSSCHECK_SIMULATOR_PORT', file.port ?? 7_410);
  const controlPort = readPort('CROSSCHECK_SIMULATOR_CONTROL_PORT', file.controlPort ?? 7_411);
  const host = process.env['CROSSCHECK_SIMULATOR_HOST'] ?? file.host ?? '127.0.0.1';
  const simulator = await startSimulator({ ...file, host, port, controlPort }).catch((error: unknown) => {
    throw new Error(explain(error, port, controlPort), { cause: error });
  });
  const ready = `${JSON.stringify({ ready: true, url: simulator.url, controlUrl: simulator.controlUrl })}\n`;
  await writeReadyFile(process.env['CROSSCHECK_SIMULATOR_READY_FILE'], ready);
  process.stdout.write(ready);
  announceReady({ service: 'simulator', url: simulator.url, controlUrl: simulator.controlUrl });
  // Under a supervisor the simulator does not outlive it.
  process.once('disconnect', () => void simulator.close());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void simulator.close());
  }
}

/** Written beside its place and renamed, so that a reader never sees half of it. */
async function writeReadyFile(path: string | undefined, line: string): Promise<void> {
  if (path === undefined || path === '') return;
  await writeFile(`${path}.tmp`, line, { mode: READY_LINE_MODE });
  await rename(`${path}.tmp`, path);
}

await main().catch((error: unknown) => {
  process.stderr.write(`simulator: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
