import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import { findCaller, readOpenKeys } from '@crosscheck/store';
import { fastify, type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { makeReadAnsweredCells } from './answers/answered-cells.ts';
import { makeCorrectMetrics } from './calibration/correct-metrics.ts';
import type { ApiDeps } from './deps.ts';
import { requireKeys } from './http/auth.ts';
import { auditChanges } from './http/audit.ts';
import { makeCallerCache } from './http/caller-cache.ts';
import { allowOrigins } from './http/cors.ts';
import { makeKeyWatch } from './http/key-watch.ts';
import { refuseMalformed, refuseOddRequests } from './http/malformed.ts';
import { readJsonBodies } from './http/json-body.ts';
import { observeRequests } from './http/observe.ts';
import { answerErrors, refuseEarly } from './http/problems.ts';
import { limitRequests } from './http/rate-limit.ts';
import { describeRoutes } from './http/reference.ts';
import { makeSessions } from './http/session-seal.ts';
import { makeSignIns } from './http/sign-ins.ts';
import type { TypedApp } from './http/typed-app.ts';
import { makeUploadPlaces } from './http/upload-places.ts';
import { validatorCompiler } from './http/validation.ts';
import { allLaneRoutes } from './routes/all-lanes.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { auditRoutes } from './routes/audit.ts';
import { calibrationRoutes } from './routes/calibration.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { comparisonRoutes } from './routes/comparison.ts';
import { consoleRoutes } from './routes/console.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { eventRoutes } from './routes/events.ts';
import { extensionRoutes } from './routes/extension.ts';
import { exportRoutes } from './routes/export.ts';
import { healthRoutes, observeProblems } from './routes/health.ts';
import { importRoutes } from './routes/imports.ts';
import { labelRoutes } from './routes/labels.ts';
import { laneRoutes } from './routes/lanes.ts';
import { matrixRoutes } from './routes/matrix.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { powerRoutes } from './routes/power.ts';
import { providerRoutes } from './routes/providers.ts';
import { queueBoardRoutes } from './routes/queue-board.ts';
import { queueRoutes } from './routes/queues.ts';
import { regradeRoutes } from './routes/regrade.ts';
import { reportRoutes } from './routes/report.ts';
import { retentionRoutes } from './routes/retention.ts';
import { reviewRoutes } from './routes/review.ts';
import { sessionRoutes } from './routes/session.ts';
import { sweepActionRoutes } from './routes/sweep-actions.ts';
import { sweepRoutes } from './routes/sweeps.ts';
import { teamRoutes } from './routes/teams.ts';
import { trialListRoutes } from './routes/trial-list.ts';
import { trialRoutes } from './routes/trials.ts';
import { findSymptoms } from './status/symptoms.ts';
import { makeVitals } from './status/vitals.ts';

export type { ApiDeps } from './deps.ts';

const JSON_BYTES_MAX = 8 * 1024 * 1024;
/** How long a client may take to send its headers and a first byte; a body that keeps coming is not cut off. */
const HEADERS_TIMEOUT_MS = 60_000;
/** Who asked and no longer reads is let go after this; a stream of events says something every 15 s. */
const STALLED_MS = 300_000;
const CALLER_CACHE_MS = 1_000;

/** Nothing that we serve loads anything from elsewhere or runs a script; the console and the reference page have policies of their own. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Composes the API out of what it is given. It opens nothing and listens to nothing: tests inject requests into it. */
export function buildApp(deps: ApiDeps): FastifyInstance {
  const { pool, log, clock, metrics, callerCacheMs = CALLER_CACHE_MS } = deps;
  const callers = makeCallerCache({ find: (secret) => findCaller(pool, secret), clock, ttlMs: callerCacheMs });
  const signIns = makeSignIns({ callers, clock });
  const keyWatch = makeKeyWatch({ readOpen: (ids) => readOpenKeys(pool, ids) });
  const forgetCallers = () => {
    callers.clear();
    keyWatch.look();
  };
  deps.onKeysChanged?.(forgetCallers);
  const sessions = makeSessions({ secret: deps.cookieSecret, clock });
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: JSON_BYTES_MAX,
    connectionTimeout: deps.stalledMs ?? STALLED_MS,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
    clientErrorHandler: refuseMalformed,
    genReqId: () => randomUUID(),
    frameworkErrors: refuseEarly,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500 },
    trustProxy: deps.trustedProxies?.length ? [...deps.trustedProxies] : false,
  });
  app.setValidatorCompiler(validatorCompiler);
  // Response schemas describe; they do not filter. What a route answers is typed, so it need not be checked again.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  // Before every route: it wraps those that come after it.
  deps.traceRequests?.(app);
  answerErrors(app);
  readJsonBodies(app);
  observeRequests(app, { metrics, clock });
  const vitals = makeVitals({ find: () => findSymptoms(deps), clock });
  observeProblems(deps, vitals);
  app.addHook('onReady', async () => vitals.start());
  app.addHook('onClose', async () => vitals.stop());
  void app.register(cookie);
  void app.register(helmet, {
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    hsts: false,
    crossOriginEmbedderPolicy: false,
  });
  allowOrigins(app, deps.corsOrigins ?? []);
  limitRequests(app);
  void app.register(async (scope) => {
    // Behind the headers of helmet, so that a refusal has them too.
    refuseOddRequests(scope);
    requireKeys(scope, signIns, sessions);
    auditChanges(scope, pool);
    await describeRoutes(scope);
    const typed: TypedApp = scope.withTypeProvider();
    healthRoutes(typed, deps, vitals);
    sweepRoutes(typed, deps);
    const readAnsweredCells = makeReadAnsweredCells(pool);
    const correct = makeCorrectMetrics({ pool, readAnsweredCells });
    metricsRoutes(typed, deps, correct);
    matrixRoutes(typed, deps);
    trialRoutes(typed, deps);
    trialListRoutes(typed, deps);
    eventRoutes(typed, deps, keyWatch);
    exportRoutes(typed, deps);
    reportRoutes(typed, { ...deps, correct, readAnsweredCells });
    sweepActionRoutes(typed, deps);
    extensionRoutes(typed, deps);
    retentionRoutes(typed, deps);
    labelRoutes(typed, deps);
    reviewRoutes(typed, deps);
    calibrationRoutes(typed, { ...deps, readAnsweredCells });
    regradeRoutes(typed, deps);
    powerRoutes(typed, { ...deps, readAnsweredCells });
    comparisonRoutes(typed, { ...deps, readAnsweredCells });
    const { uploads = makeUploadPlaces() } = deps;
    datasetRoutes(typed, { ...deps, uploads });
    importRoutes(typed, { ...deps, uploads });
    providerRoutes(typed, deps);
    allLaneRoutes(typed, deps);
    laneRoutes(typed, deps);
    queueRoutes(typed, deps, vitals);
    queueBoardRoutes(scope, deps);
    deadLetterRoutes(typed, deps);
    catalogRoutes(typed, deps);
    teamRoutes(typed, deps);
    apiKeyRoutes(typed, deps, forgetCallers);
    auditRoutes(typed, deps);
    sessionRoutes(typed, { callers: signIns, sessions });
    consoleRoutes(typed, deps);
  });
  return app;
}
