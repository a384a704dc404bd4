import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import {
  adminKeyPath,
  type Config,
  type Environment,
  type Logger,
  makeLogger,
  openEmbeddedPostgres,
  readAdminKey,
  readConfig,
} from '@crosscheck/runtime';
import { buildConsole } from './build-console.ts';
import { assertPortFree, prepareServers, untilReady } from './stack-checks.ts';
import { type Pin, type SupervisedProcess, superviseProcess } from './supervised-process.ts';

export type StackOptions = {
  /** what configures everything, as in production; `process.env` with changes, or a map of one's own */
  env?: Environment;
  /** the simulator's configuration, see services/simulator; `false` starts none */
  simulator?: object | false;
  /** where the services' logs go */
  output?: 'inherit' | Writable;
  /** server settings of the embedded Postgres, for example `{ synchronous_commit: 'off' }` */
  postgresSettings?: Record<string, string>;
  /** the supervisor's own */
  log?: Logger;
};

export type Stack = AsyncDisposable & {
  /** of the api */
  url: string;
  adminKey: string;
  /** where the key can be read; null when the environment gave it */
  adminKeyFile: string | null;
  databaseUrl: string;
  simulator: SimulatorUrls | null;
  /** simulator, api, aggregator, scheduler, worker-1, worker-2, … */
  processes: () => ReturnType<SupervisedProcess['view']>[];
  /** ends a process from outside, by SIGKILL when absent; it is started again */
  kill: (name: string, signal?: NodeJS.Signals) => void;
  /** workers, scheduler, aggregator, api, simulator, Postgres, each after the one before it has ended */
  close: () => Promise<void>;
};

type SimulatorUrls = { url: string; controlUrl: string };
type Start = (name: string, service: string, more?: { env?: NodeJS.ProcessEnv; pin?: Pin }) => SupervisedProcess;

/** After its own grace a process is given this long, ms, to say so in its log. */
const STOP_MARGIN_MS = 2_000;

/**
 * Starts everything that Crosscheck is, each service a process of its own, and resolves when `/readyz` says that a sweep can be run.
 * The one way in which `npm start`, the demo, benchmarks and end-to-end tests run it.
 *
 * @throws ConfigError, StackError or CrosscheckError with a message for a person; whatever was started is stopped before
 */
export async function openStack(options: StackOptions = {}): Promise<Stack> {
  const { env = process.env, output = 'inherit', postgresSettings: settings = {} } = options;
  const config = readConfig(env);
  const log = options.log ?? makeLogger({ service: 'supervisor', ...config });
  await assertPortFree(config);
  mkdirSync(config.dataDir, { recursive: true });
  // Beside the start of everything else. Without it the API works, and its first page says what to do.
  const built = buildConsole().catch((error: unknown) => log.warn({ err: error }, 'the console is not built'));
  // Closed in the opposite order of opening, also when a later step fails.
  await using opened = new AsyncDisposableStack();

  const { dataDir, redisUrl } = config;
  const databaseUrl = config.databaseUrl ?? opened.use(await openEmbeddedPostgres({ dataDir, log, settings })).url;
  await prepareServers({ databaseUrl, redisUrl }, log);
  const adminKey = readAdminKey(config);
  const base: NodeJS.ProcessEnv = childEnvironment(env, config, { databaseUrl, adminKey });
  const processes: SupervisedProcess[] = [];
  const start: Start = (name, service, more = {}) => {
    const file = `services/${service}/src/main.ts`;
    const { pin } = more;
    const child = superviseProcess({ name, file, env: { ...base, ...more.env }, output, log, ...(pin && { pin }) });
    processes.push(child);
    return child;
  };
  const stopLater = (...group: SupervisedProcess[]) =>
    opened.defer(async () => {
      await Promise.all(group.map((child) => child.stop(config.graceMs + STOP_MARGIN_MS)));
    });

  const simulator = options.simulator === false ? null : startSimulator(start, config, options.simulator);
  if (simulator) stopLater(simulator);
  const simulated = simulator ? toUrls(await simulator.ready) : null;
  if (simulated) base['CROSSCHECK_SIMULATOR_URL'] = simulated.url;
  const api = start('api', 'api', { pin: ({ port }) => ({ CROSSCHECK_PORT: String(port) }) });
  stopLater(api);
  stopLater(start('aggregator', 'aggregator'));
  stopLater(start('scheduler', 'scheduler'));
  stopLater(...Array.from({ length: config.workers }, (_, index) => start(`worker-${index + 1}`, 'worker')));
  const [{ port = config.port }] = await Promise.all([api.ready, ...processes.map((child) => child.ready)]);
  const url = `http://${inUrl(config.host)}:${port}`;
  await Promise.all([untilReady(url), built]);

  const owned = opened.move();
  const close = () => owned.disposeAsync();
  return {
    url,
    adminKey,
    adminKeyFile: config.adminKey === null ? adminKeyPath(dataDir) : null,
    databaseUrl,
    simulator: simulated,
    processes: () => processes.map((child) => child.view()),
    kill(name, signal = 'SIGKILL') {
      const child = processes.find((each) => each.name === name);
      if (!child) throw new Error(`there is no process ${name}: ${processes.map((each) => each.name).join(', ')}`);
      child.kill(signal);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The services get all that we have, because a provider may name any variable as the place of its key. */
function childEnvironment(
  env: Environment,
  config: Config,
  { databaseUrl, adminKey }: { databaseUrl: string; adminKey: string },
): NodeJS.ProcessEnv {
  return {
    ...env,
    // On one machine the simulator and model servers of one's own are beside us.
    CROSSCHECK_ALLOW_PRIVATE_URLS: env['CROSSCHECK_ALLOW_PRIVATE_URLS'] ?? 'loopback',
    CROSSCHECK_HOST: config.host,
    CROSSCHECK_PORT: String(config.port),
    CROSSCHECK_DATA_DIR: config.dataDir,
    CROSSCHECK_ADMIN_KEY: adminKey,
    CROSSCHECK_METRICS_PORT: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: config.redisUrl ?? '',
    // Halves the time to start from the second start on.
    NODE_COMPILE_CACHE:
      env['NODE_COMPILE_CACHE'] ?? path.resolve(import.meta.dirname, '../node_modules/.cache/compile'),
  };
}

function startSimulator(start: Start, config: Config, settings?: object): SupervisedProcess {
  const env: NodeJS.ProcessEnv = {
    CROSSCHECK_SIMULATOR_PORT: String(config.simulatorPort),
    CROSSCHECK_SIMULATOR_CONTROL_PORT: '0',
  };
  if (settings) {
    const file = path.join(config.dataDir, 'simulator.json');
    writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    env['CROSSCHECK_SIMULATOR_CONFIG'] = file;
  }
  // Workers know its address: a restart has to come up at the same one.
  const pin: Pin = (ready) => ({
    CROSSCHECK_SIMULATOR_PORT: new URL(toUrls(ready).url).port,
    CROSSCHECK_SIMULATOR_CONTROL_PORT: new URL(toUrls(ready).controlUrl).port,
  });
  return start('simulator', 'simulator', { env, pin });
}

function toUrls({ url, controlUrl }: Partial<SimulatorUrls>): SimulatorUrls {
  if (!url || !controlUrl) throw new Error('the simulator did not say where it listens');
  return { url, controlUrl };
}

/** What listens on all addresses is reached by the local one; an IPv6 address needs brackets. */
function inUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
