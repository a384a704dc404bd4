import type { TestContext } from 'node:test';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { RedisContainer } from '@testcontainers/redis';
import { GenericContainer, Network, type StartedTestContainer, Wait } from 'testcontainers';
import { docker, IMAGES } from './docker.ts';

export const ADMIN_KEY = 'an admin key of tests'.replaceAll(' ', '-');
const API_PORT = 7400;
const STARTED_WITHIN_MS = 60_000;

export type Service = 'api' | 'scheduler' | 'worker' | 'aggregator' | 'simulator';
export type Cluster = {
  /** of Postgres, from this machine */
  databaseUrl: string;
  /** Runs the image's `migrate` to its end; answers its exit code. */
  migrate(): Promise<number>;
  /** Starts one process of the product; resolves when its health check passes. */
  start(service: Service, options?: { config?: object }): Promise<StartedTestContainer>;
  /** Asks the api as the administrator. @throws for an answer that is no success */
  ask<Answer>(method: string, route: string, body?: object): Promise<Answer>;
};

/** Postgres and Redis in containers, and a network for the product's own. Everything is stopped after the test. */
export async function openCluster(t: TestContext, image: string): Promise<Cluster> {
  const network = await new Network().start();
  const running: StartedTestContainer[] = [];
  t.after(async () => {
    // By id, because a container that was stopped on the way is removed by nobody else.
    const ids = running.map((container) => container.getId());
    if (ids.length > 0) await docker('rm', '--force', '--volumes', ...ids);
    await network.stop();
  });
  const keep = <Started extends StartedTestContainer>(container: Started): Started => {
    running.push(container);
    return container;
  };

  const [postgres] = await Promise.all([
    new PostgreSqlContainer(IMAGES.postgres)
      .withNetwork(network)
      .withNetworkAliases('postgres')
      .withTmpFs({ '/var/lib/postgresql': 'rw,mode=1777' })
      .start()
      .then(keep),
    new RedisContainer(IMAGES.redis)
      .withNetwork(network)
      .withNetworkAliases('redis')
      .withCommand(['redis-server', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'])
      .start()
      .then(keep),
  ]);
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
      const container = product(service).withNetworkAliases(service).withWaitStrategy(Wait.forHealthCheck());
      if (service === 'api') container.withExposedPorts(API_PORT);
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
      const response = await fetch(`http://${api.getHost()}:${api.getMappedPort(API_PORT)}${route}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
      return JSON.parse(text) as Answer;
    },
  };
}

function readAccess(postgres: { getUsername(): string; getPassword(): string; getDatabase(): string }) {
  return { username: postgres.getUsername(), password: postgres.getPassword(), database: postgres.getDatabase() };
}
