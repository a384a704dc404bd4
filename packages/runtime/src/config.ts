import { isIP } from 'node:net';
import path from 'node:path';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says, checked once when a process starts. An empty variable counts as one that is not set. */
export type Config = {
  /** CROSSCHECK_HOST: the address that HTTP listens on; 127.0.0.1 */
  host: string;
  /** CROSSCHECK_PORT: 7400; 0 takes a free one */
  port: number;
  /** CROSSCHECK_DATA_DIR: absolute; `.crosscheck` in the working folder */
  dataDir: string;
  /** CROSSCHECK_ADMIN_KEY: null when it is to be read from the data folder, see `readAdminKey` */
  adminKey: string | null;
  /** CROSSCHECK_WORKERS: worker processes under `npm start`; 1 */
  workers: number;
  /** DATABASE_URL: null takes the embedded Postgres */
  databaseUrl: string | null;
  /** REDIS_URL: null keeps queue and lane budgets in Postgres */
  redisUrl: string | null;
  /** ANTHROPIC_API_KEY */
  anthropicApiKey: string | null;
  /** ANTHROPIC_BASE_URL: null is the provider's own address */
  anthropicBaseUrl: string | null;
  /** CROSSCHECK_SIMULATOR_PORT: where the simulator listens under `npm start`; 0 takes a free one */
  simulatorPort: number;
  /** CROSSCHECK_SIMULATOR_URL: set by the supervisor when a simulator runs beside the services */
  simulatorUrl: string | null;
  /** CROSSCHECK_METRICS_PORT: health, readiness and metrics of a service without HTTP of its own; 0 is off */
  metricsPort: number;
  /** CROSSCHECK_GRACE_MS: how long a stopping process may finish what it began; 25,000, within the 30 s that orchestrators give */
  graceMs: number;
  /** CROSSCHECK_CALL_DEADLINE_MS: how long one call to a model may take, to its last byte; 600,000 */
  callDeadlineMs: number;
  /** CROSSCHECK_CORS_ORIGINS: origins whose pages may call the API, separated by commas; none */
  corsOrigins: string[];
  /** CROSSCHECK_TRUSTED_PROXIES: addresses or ranges of proxies whose X-Forwarded-For is believed, separated by commas; none */
  trustedProxies: string[];
  /** CROSSCHECK_ALLOW_PRIVATE_URLS: private addresses at which providers may live, see `makeAddressGuard`; none */
  allowPrivateUrls: string[];
  /** OTEL_EXPORTER_OTLP_ENDPOINT: a collector of traces; null is off */
  tracesEndpoint: string | null;
  /** OTEL_TRACES_SAMPLER_ARG: the share of traces that are kept, 0 to 1; 0.1 */
  tracesRatio: number;
  /** LOG_LEVEL: info */
  logLevel: LogLevel;
  /** LOG_PRETTY=1: readable lines where a person looks at a terminal */
  logPretty: boolean;
};

/** A variable of the environment is wrong. The message names it, what was got and what would do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly variable: string;

  constructor(variable: string, got: string, expected: string) {
    super(`${variable} is ${JSON.stringify(got)}: expected ${expected}`);
    this.variable = variable;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration of a process.
 *
 * @throws ConfigError for the first variable that cannot be used
 */
export function readConfig(env: Environment): Config {
  return {
    host: text(env, 'CROSSCHECK_HOST') ?? '127.0.0.1',
    port: wholeNumber(env, 'CROSSCHECK_PORT', { fallback: 7400, min: 0, max: 65_535 }),
    dataDir: path.resolve(text(env, 'CROSSCHECK_DATA_DIR') ?? '.crosscheck'),
    adminKey: adminKey(env),
    workers: wholeNumber(env, 'CROSSCHECK_WORKERS', { fallback: 1, min: 1, max: 256 }),
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/database'),
    redisUrl: url(env, 'REDIS_URL', ['redis:', 'rediss:'], 'redis://host:6379'),
    anthropicApiKey: text(env, 'ANTHROPIC_API_KEY'),
    anthropicBaseUrl: url(env, 'ANTHROPIC_BASE_URL', ['http:', 'https:'], 'https://host'),
    simulatorPort: wholeNumber(env, 'CROSSCHECK_SIMULATOR_PORT', { fallback: 0, min: 0, max: 65_535 }),
    simulatorUrl: url(env, 'CROSSCHECK_SIMULATOR_URL', ['http:', 'https:'], 'http://127.0.0.1:9000'),
    metricsPort: wholeNumber(env, 'CROSSCHECK_METRICS_PORT', { fallback: 0, min: 0, max: 65_535 }),
    graceMs: wholeNumber(env, 'CROSSCHECK_GRACE_MS', { fallback: 25_000, min: 0, max: 3_600_000 }),
    callDeadlineMs: wholeNumber(env, 'CROSSCHECK_CALL_DEADLINE_MS', { fallback: 600_000, min: 100, max: 86_400_000 }),
    corsOrigins: origins(env, 'CROSSCHECK_CORS_ORIGINS'),
    trustedProxies: proxies(env, 'CROSSCHECK_TRUSTED_PROXIES'),
    allowPrivateUrls: privateUrls(env, 'CROSSCHECK_ALLOW_PRIVATE_URLS'),
    tracesEndpoint: url(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:'], 'http://collector:4318'),
    tracesRatio: share(env, 'OTEL_TRACES_SAMPLER_ARG', 0.1),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    logPretty: oneOf(env, 'LOG_PRETTY', ['0', '1'], '0') === '1',
  };
}

/**
 * The database of a service. Only the supervisor may start without one, because it opens the embedded Postgres.
 *
 * @throws ConfigError when DATABASE_URL is not set
 */
export function requireDatabaseUrl({ databaseUrl }: Pick<Config, 'databaseUrl'>): string {
  if (databaseUrl === null) {
    throw new ConfigError(
      'DATABASE_URL',
      '',
      'postgres://user:password@host:5432/database; npm start brings a database of its own',
    );
  }
  return databaseUrl;
}

function text(env: Environment, variable: string): string | null {
  const got = env[variable]?.trim();
  return got === undefined || got === '' ? null : got;
}

function wholeNumber(
  env: Environment,
  variable: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const got = text(env, variable);
  if (got === null) return fallback;
  const value = Number(got);
  if (!/^\d+$/.test(got) || value < min || value > max) {
    throw new ConfigError(variable, got, `a whole number from ${min} to ${max}, for example ${fallback}`);
  }
  return value;
}

function share(env: Environment, variable: string, fallback: number): number {
  const got = text(env, variable);
  if (got === null) return fallback;
  const value = Number(got);
  if (!(value >= 0 && value <= 1))
    throw new ConfigError(variable, got, `a number from 0 to 1, for example ${fallback}`);
  return value;
}

function oneOf<const Word extends string>(
  env: Environment,
  variable: string,
  words: readonly Word[],
  fallback: NoInfer<Word>,
): Word {
  const got = text(env, variable);
  if (got === null) return fallback;
  const word = words.find((each) => each === got.toLowerCase());
  if (word === undefined) throw new ConfigError(variable, got, `one of ${words.join(', ')}`);
  return word;
}

/** The message never repeats a URL that carries a password. */
function url(env: Environment, variable: string, protocols: readonly string[], example: string): string | null {
  const got = text(env, variable);
  if (got === null) return null;
  if (!URL.canParse(got) || !protocols.includes(new URL(got).protocol)) {
    throw new ConfigError(variable, got.replace(/\/\/[^@/]*@/, '//***@'), `a URL such as ${example}`);
  }
  return got;
}

function list(env: Environment, variable: string): string[] {
  return (text(env, variable) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Each is named: a star would let any page use a key that it got hold of. */
function origins(env: Environment, variable: string): string[] {
  const got = list(env, variable);
  const wrong = got.find((item) => !URL.canParse(item) || new URL(item).origin !== item);
  if (wrong !== undefined)
    throw new ConfigError(variable, wrong, 'origins such as https://lab.example, separated by commas');
  return got;
}

function proxies(env: Environment, variable: string): string[] {
  const got = list(env, variable);
  const wrong = got.find((item) => {
    const [address = '', bits, ...rest] = item.split('/');
    return isIP(address) === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits));
  });
  if (wrong !== undefined)
    throw new ConfigError(variable, wrong, 'addresses or ranges such as 10.0.0.0/8, separated by commas');
  return got;
}

/** Checked when a process starts: a range with a slip in it would be a host name that nothing has. */
function privateUrls(env: Environment, variable: string): string[] {
  const got = list(env, variable);
  const wrong = got.find((item) => {
    const [address = '', bits, ...rest] = item.split('/');
    const version = isIP(address);
    if (version === 0) return !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(item) || /^[\d.]+$/.test(item);
    return (
      rest.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
    );
  });
  if (wrong !== undefined)
    throw new ConfigError(
      variable,
      wrong,
      'host names, addresses, ranges such as 10.0.0.0/8, or loopback, separated by commas',
    );
  return got;
}

/** A short admin key is a password that can be guessed over HTTP. */
function adminKey(env: Environment): string | null {
  const got = text(env, 'CROSSCHECK_ADMIN_KEY');
  if (got !== null && (got.length < 16 || /\s/.test(got))) {
    throw new ConfigError('CROSSCHECK_ADMIN_KEY', `${got.length} characters`, 'at least 16 characters without a space');
  }
  return got;
}
