import type { QueryClient } from '@tanstack/react-query';
import type { RegisteredRouter } from '@tanstack/react-router';
import { sessionQuery } from '../api/session.ts';
import { metricsQuery, sweepQuery } from '../api/sweeps.ts';

type Loadable = { preload?: () => Promise<void> };
type Match = { routeId: keyof RegisteredRouter['routesById']; params: { sweepId?: string } };

/**
 * Asks at once for what the first page needs: who is signed in, its code, and the sweep that it is about. The router would ask for one after the
 * other, because whoever is not signed in needs none of it.
 */
export function headStart(router: RegisteredRouter, client: QueryClient): void {
  void client.prefetchQuery(sessionQuery);
  const matches = router.matchRoutes(router.latestLocation) as Match[];
  for (const { routeId, params } of matches) {
    const component = router.routesById[routeId].options.component as Loadable | undefined;
    // What could not be loaded is asked for again by the router, which says so.
    component?.preload?.().catch(() => {});
    if (params.sweepId === undefined) continue;
    void client.prefetchQuery(sweepQuery(params.sweepId));
    if (routeId === '/shell/sweeps/$sweepId/') void client.prefetchQuery(metricsQuery(params.sweepId));
  }
}
