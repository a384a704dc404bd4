import type { Clock, LaneBudget } from '@crosscheck/contracts';
import type { FindStudy, Study } from '@crosscheck/experiment';
import type { QueueBackend } from '@crosscheck/queue';
import type { Logger, Metrics } from '@crosscheck/runtime';
import type { Pool } from '@crosscheck/store';
import type { FastifyInstance } from 'fastify';
import type { UploadPlaces } from './http/upload-places.ts';

/** Everything that the API is composed of. Nothing of it is opened or closed by the app. */
export type ApiDeps = {
  pool: Pool;
  log: Logger;
  clock: Clock;
  metrics: Metrics;
  findStudy: FindStudy;
  studies: readonly Study[];
  /** the lanes' budgets; null shows lanes without their levels */
  budget: Pick<LaneBudget, 'read' | 'release'> | null;
  /** null shows no jobs, and readiness does not ask */
  queue: Pick<QueueBackend, 'kind' | 'counts' | 'ping' | 'evictionPolicy' | 'raw'> | null;
  /** seals the session cookie of the console */
  cookieSecret: string;
  /** where the built console lies, whether it is there yet or not; null serves none */
  consoleDir: string | null;
  /** how long a provider may take to list its models while a sweep is submitted, ms; 1,500 */
  modelListTimeoutMs?: number;
  /** how often listeners' sweeps are looked at for new events, ms; 250 */
  eventPollMs?: number;
  /** how long a connection may stay without a byte either way before it is closed, ms; 300,000 */
  stalledMs?: number;
  /** how long a key stays good without asking Postgres again, ms; 1,000 */
  callerCacheMs?: number;
  /** calls back whenever a key was revoked in any process; without it only those of this process are noticed at once */
  onKeysChanged?: (listener: () => void) => void;
  /** other origins whose pages may call the API; none */
  corsOrigins?: readonly string[];
  /** addresses or ranges of proxies whose word on a client's address is taken; none */
  trustedProxies?: readonly string[];
  /** places for uploads; those of a process by itself when absent */
  uploads?: UploadPlaces;
  /** makes spans of requests; nothing when absent */
  traceRequests?: (app: FastifyInstance) => void;
};
