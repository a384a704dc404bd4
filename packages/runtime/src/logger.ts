import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * What must never stand in a log, wherever it lies in the first three levels of an object: pino compiles these paths once,
 * so a line costs the same with them or without.
 */
const SECRETS = [
  'authorization',
  'x-api-key',
  'apiKey',
  'adminKey',
  'anthropicApiKey',
  'password',
  'databaseUrl',
  'redisUrl',
  'cookie',
];
const REDACTED_PATHS = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

export type LoggerOptions = {
  /** the process, as in `service` of every line */
  service: string;
  logLevel?: string;
  /** readable lines, only where stdout is a terminal and pino-pretty is installed */
  logPretty?: boolean;
};

/**
 * A logger that writes one JSON object a line to stdout, or to `destination`.
 * Add `sweep`, `trial` and `lane` by `log.child({ ... })`; errors go under `err`.
 */
export function makeLogger(
  { service, logLevel = 'info', logPretty = false }: LoggerOptions,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: logLevel,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: '***' },
  };
  if (destination) return pino(options, destination);
  if (logPretty && process.stdout.isTTY && hasPretty()) {
    // A transport and a level formatter exclude each other in pino.
    const { formatters: _formatters, ...plain } = options;
    return pino({ ...plain, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname' } } });
  }
  return pino(options);
}

/** pino-pretty is left out of production images. */
function hasPretty(): boolean {
  try {
    import.meta.resolve('pino-pretty');
    return true;
  } catch {
    return false;
  }
}
