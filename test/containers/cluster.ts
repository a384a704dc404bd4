import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import { GenericContainer, Network, type StartedTestContainer, Wait } from 'testcontainers';
import { docker, IMAGES } from './docker.ts';

const run = promisify(execFile);
const ADMIN_KEY = 'an admin key of tests'.replaceAll(' ', '-');
/** where `/healthz` is, by service */
const PORTS: Partial<Record<Service, number>> = { api: 7400, simulator: 7410 };
const PROBE_PORT = 7401;
/** A cold start takes 2 s of a core, and five of them share the machine with other tests. */
const STARTED_WITHIN_MS = 120_000;

export type Service = 'api' | 'scheduler' | 'worker' | 'aggregator' | 'simulator';
export type Cluster = {
  /** of Postgres, from this machine */
  databaseUrl: string;
  /** Runs the image's `migrate` to its end; answers its exit code. */
  migrate(): Promise<number>;
  /** Starts one process of the product; resolves when it says that it is healthy. */
  start(service: Service, options?: { config?: object }): Promise<StartedTestContainer>;
  /** Asks the api as the administrator. @throws for an answer that is no success */
  ask<Answer>(method: string, route: string, body?: object): Promise<Answer>;
  /** Pipes a backup of the database into a check of it, both by the image; answers what they say. */
  backUpAndCheck(): Promise<string>;
  /** Removes everything. */
  close(): Promise<void>;
};

/** Postgres and Redis in containers, and a network for the product's own. What was begun is removed when a start fails. */
export async function openCluster(image: string): Promise<Cluster> {
  const network = await new Network().start();
  const running: StartedTestContainer[] = [];
  async function close(): Promise<void> {
    // By id, because a container that was stopped on the way is removed by nobody else.
    const ids = running.map((container) => container.getId());
    if (ids.length > 0) await docker('rm', '--force', '--volumes', ...ids);
    await network.stop();
  }
  const keep = <Started extends StartedTestContainer>(container: Started): Started => {
    running.push(container);
    return container;
  };

  const started = await Promise.all([
    new PostgreSqlContainer(IMAGES.postgres)
      .withNetwork(network)
      .withNetworkAliases('postgres')
      .withTmpFs({ '/var/lib/postgresql': 'rw,mode=1777' })
      // Its own gives up after a second: on a busy machine what is left of a probe falls to Postgres, which restarts for it.
      .withHealthCheck({
        test: ['CMD-SHELL', 'pg_isready --host localhost --username test --dbname test'],
        interval: 1_000,
        timeout: 20_000,
        retries: 100,
      })
      .start()
      .then(keep),
    new RedisContainer(IMAGES.redis)
      .withNetwork(network)
      .withNetworkAliases('redis')
      .withCommand(['redis-server', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'])
      .start()
      .then(keep),
  ]).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const [postgres] = started;
  const { username, password, database } = readAccess(postgres);
  const env = {
    DATABASE_URL: `postgres://${username}:${password}@postgres:5432/${database}`,
    REDIS_URL: 'redis://redis:6379',
    CROSSCHECK_ADMIN_KEY: ADMIN_KEY,
    CROSSCHECK_SIMULATOR_URL: 'http://simulator:7410',
    LOG_LEVEL: 'warn',
  };
  let api: StartedTestContainer | null = null;

  const product = (command: string) =>
    new GenericContainer(image)
      .withNetwork(network)
      .withEnvironment(env)
      .withCommand([command])
      .withDroppedCapabilities('ALL')
      .withStartupTimeout(STARTED_WITHIN_MS);

  return {
    databaseUrl: postgres.getConnectionUri(),
    async migrate() {
      const done = await product('migrate').withWaitStrategy(Wait.forOneShotStartup()).start();
      running.push(done);
      return Number(await docker('inspect', '--format', '{{.State.ExitCode}}', done.getId()));
    },
    async start(service, { config } = {}) {
      // Not the health check of the image: Docker asks that for the first time after ten seconds.
      const port = PORTS[service] ?? PROBE_PORT;
      const container = product(service)
        .withNetworkAliases(service)
        .withExposedPorts(port)
        .withWaitStrategy(Wait.forHttp('/healthz', port));
      if (config) {
        container.withCopyContentToContainer([{ content: JSON.stringify(config), target: '/tmp/simulator.json' }]);
        container.withEnvironment({ ...env, CROSSCHECK_SIMULATOR_CONFIG: '/tmp/simulator.json' });
      }
      const started = keep(await container.start());
      if (service === 'api') api = started;
      return started;
    },
    async ask<Answer>(method: string, route: string, body?: object): Promise<Answer> {
      if (!api) throw new Error('the api is not started');
      const response = await fetch(`http://${api.getHost()}:${api.getMappedPort(PORTS.api as number)}${route}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
      return JSON.parse(text) as Answer;
    },
    async backUpAndCheck() {
      const command = ['docker', 'run', '--rm', '--interactive', '--read-only'];
      const at = ['--network', network.getName(), '--env', `DATABASE_URL=${env.DATABASE_URL}`];
      const backup = [...command, ...at, image, 'backup', '-'];
      const check = [...command, image, 'restore', '-', '--check'];
      return (await run('sh', ['-c', `${backup.join(' ')} | ${check.join(' ')}`])).stderr;
    },
    close,
  };
}

function readAccess(postgres: { getUsername(): string; getPassword(): string; getDatabase(): string }) {
  return { username: postgres.getUsername(), password: postgres.getPassword(), database: postgres.getDatabase() };
}
