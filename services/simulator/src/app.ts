import { DEFAULT_CUE_RULES, makeReadCues } from './behaviour/cues.ts';
import { DEFAULT_JUDGING_RULES } from './behaviour/judging-rules.ts';
import { makeRespond } from './behaviour/respond.ts';
import { checkConfig, SimulatorConfig } from './config.ts';
import { makeControlRoutes } from './http/control-routes.ts';
import { openServer } from './http/open-server.ts';
import { makePublicRoutes } from './http/public-routes.ts';
import { makeEnsemble } from './state/cast.ts';
import { makeTenants } from './state/tenants.ts';

export type { SimulatorConfig } from './config.ts';

export type RunningSimulator = AsyncDisposable & {
  /** Base URL for model clients; `<url>/t/<tenant>` reaches a tenant. */
  url: string;
  /** Base URL of the control port. */
  controlUrl: string;
  close(): Promise<void>;
};

/**
 * Starts the simulator on loopback, unless `host` says otherwise. Everything lives in memory and is gone after `close`.
 *
 * @throws ConfigError when the configuration is not valid, Error with code EADDRINUSE when a port is taken
 */
export async function startSimulator(config: SimulatorConfig = {}): Promise<RunningSimulator> {
  checkConfig(SimulatorConfig, config, 'The simulator configuration');
  const host = config.host ?? '127.0.0.1';
  const now = (): number => performance.timeOrigin + performance.now();
  const ensemble = makeEnsemble(config);
  const rules = { ...DEFAULT_JUDGING_RULES, ...config.judging };
  const respond = makeRespond({ readCues: makeReadCues({ ...DEFAULT_CUE_RULES, ...config.cues }), rules });
  const tenants = makeTenants(config.tenant ?? {}, config.tenants ?? {}, {
    ensemble,
    now,
    logEntriesMax: config.logEntriesMax ?? 10_000,
  });
  const answer = makePublicRoutes({ tenants, models: ensemble.models, respond, now });
  const publicServer = await openServer({ host, port: config.port ?? 0, handle: answer });
  const openSockets = publicServer.sockets;
  const control = makeControlRoutes({ tenants, ensemble, openSockets });
  const controlServer = await openServer({ host, port: config.controlPort ?? 0, handle: control }).catch(
    async (error: unknown) => {
      await publicServer.close();
      throw error;
    },
  );
  const close = async (): Promise<void> => {
    await Promise.all([publicServer.close(), controlServer.close()]);
  };
  return { url: publicServer.url, controlUrl: controlServer.url, close, [Symbol.asyncDispose]: close };
}
