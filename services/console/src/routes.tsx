import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { sessionQuery } from './api/session.ts';
import { metricsQuery, sweepQuery } from './api/sweeps.ts';
import { FILTERS, placesQuery, transcriptQuery } from './api/trials.ts';
import { NotFound, PageFailure } from './app/page-states.tsx';
import { Shell } from './app/shell.tsx';
import { SignIn } from './app/sign-in.tsx';
import { filterOf } from './transcripts/filter-of.ts';
import { parseWords, readWords, writeWords } from './app/search.ts';

type Context = { queryClient: QueryClient };

const root = createRootRouteWithContext<Context>()({ notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: readWords('next'),
});

/** Everything behind a session. Whoever has none signs in first and then lands where they wanted to go. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: PageFailure,
  beforeLoad: async ({ context: { queryClient }, location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) redirect({ to: '/sign-in', search: { next: location.href }, throw: true });
  },
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/sweeps', replace: true, throw: true });
  },
});

const sweeps = createRoute({
  getParentRoute: () => shell,
  path: '/sweeps',
  component: lazyRouteComponent(() => import('./sweeps/sweeps-page.tsx'), 'SweepsPage'),
  validateSearch: readWords('state', 'text', 'after'),
});

const newSweep = createRoute({
  getParentRoute: () => shell,
  path: '/sweeps/new',
  component: lazyRouteComponent(() => import('./new-sweep/new-sweep-page.tsx'), 'NewSweepPage'),
  validateSearch: readWords('template'),
});

const sweep = createRoute({
  getParentRoute: () => shell,
  path: '/sweeps/$sweepId',
  component: lazyRouteComponent(() => import('./sweep/sweep-layout.tsx'), 'SweepLayout'),
  // Asked for while the page's code is still on its way.
  loader: ({ context: { queryClient }, params: { sweepId } }) => void queryClient.prefetchQuery(sweepQuery(sweepId)),
});

const overview = createRoute({
  getParentRoute: () => sweep,
  path: '/',
  component: lazyRouteComponent(() => import('./sweep/overview-page.tsx'), 'OverviewPage'),
  loader: ({ context: { queryClient }, params: { sweepId } }) => void queryClient.prefetchQuery(metricsQuery(sweepId)),
});

const matrix = createRoute({
  getParentRoute: () => sweep,
  path: '/matrix',
  component: lazyRouteComponent(() => import('./sweep/matrix-page.tsx'), 'MatrixPage'),
  validateSearch: readWords('grader', 'order', 'text'),
});

const transcripts = createRoute({
  getParentRoute: () => sweep,
  path: '/transcripts',
  component: lazyRouteComponent(() => import('./transcripts/transcripts-page.tsx'), 'TranscriptsPage'),
  validateSearch: readWords(...FILTERS, 'row'),
  loader: ({ context: { queryClient }, params: { sweepId }, location }) =>
    void queryClient.prefetchInfiniteQuery(placesQuery(sweepId, filterOf(location.search))),
});

const trial = createRoute({
  getParentRoute: () => shell,
  path: '/sweeps/$sweepId/trials/$trialId',
  component: lazyRouteComponent(() => import('./trial/trial-page.tsx'), 'TrialPage'),
  // The conditions beside it, and the list that it is one of.
  validateSearch: readWords(...FILTERS, 'with'),
  loader: ({ context: { queryClient }, params: { sweepId, trialId } }) => {
    void queryClient.prefetchQuery(sweepQuery(sweepId));
    void queryClient.prefetchQuery(transcriptQuery(trialId));
  },
});

const reviewList = createRoute({
  getParentRoute: () => shell,
  path: '/review',
  component: lazyRouteComponent(() => import('./review/review-list-page.tsx'), 'ReviewListPage'),
});

const review = createRoute({
  getParentRoute: () => shell,
  path: '/sweeps/$sweepId/review',
  component: lazyRouteComponent(() => import('./review/review-page.tsx'), 'ReviewPage'),
  validateSearch: readWords('measure', 'n', 'seed', 'codebook'),
});

const curves = createRoute({
  getParentRoute: () => sweep,
  path: '/curves',
  component: lazyRouteComponent(() => import('./curves/curves-page.tsx'), 'CurvesPage'),
});

const methods = createRoute({
  getParentRoute: () => sweep,
  path: '/methods',
  component: lazyRouteComponent(() => import('./sweep/methods-page.tsx'), 'MethodsPage'),
});

const specification = createRoute({
  getParentRoute: () => sweep,
  path: '/specification',
  component: lazyRouteComponent(() => import('./sweep/specification-page.tsx'), 'SpecificationPage'),
});

const oneSweep = sweep.addChildren([overview, matrix, curves, transcripts, methods, specification]);

const compare = createRoute({
  getParentRoute: () => shell,
  path: '/compare',
  component: lazyRouteComponent(() => import('./compare/compare-page.tsx'), 'ComparePage'),
  validateSearch: readWords('a', 'b'),
});

const ops = createRoute({
  getParentRoute: () => shell,
  path: '/ops',
  component: lazyRouteComponent(() => import('./ops/ops-layout.tsx'), 'OpsLayout'),
});

const opsHome = createRoute({
  getParentRoute: () => ops,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/ops/lanes', replace: true, throw: true });
  },
});

const lanes = createRoute({
  getParentRoute: () => ops,
  path: '/lanes',
  component: lazyRouteComponent(() => import('./ops/lanes-page.tsx'), 'LanesPage'),
});

// Not /ops/queues: there the api answers with the raw queue.
const depth = createRoute({
  getParentRoute: () => ops,
  path: '/depth',
  component: lazyRouteComponent(() => import('./ops/depth-page.tsx'), 'DepthPage'),
});

const teams = createRoute({
  getParentRoute: () => ops,
  path: '/teams',
  component: lazyRouteComponent(() => import('./ops/teams-page.tsx'), 'TeamsPage'),
});

const deadLetters = createRoute({
  getParentRoute: () => ops,
  path: '/dead-letters',
  component: lazyRouteComponent(() => import('./ops/dead-letters-page.tsx'), 'DeadLettersPage'),
  validateSearch: readWords('lane', 'code', 'after'),
});

const audit = createRoute({
  getParentRoute: () => ops,
  path: '/audit',
  component: lazyRouteComponent(() => import('./ops/audit-page.tsx'), 'AuditPage'),
  validateSearch: readWords('action', 'subject', 'team', 'key', 'since', 'until', 'after'),
});

const operations = ops.addChildren([opsHome, lanes, depth, teams, deadLetters, audit]);

/** Pages are loaded when they are first opened; the link under the pointer is fetched ahead. */
export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      shell.addChildren([home, sweeps, newSweep, oneSweep, trial, reviewList, review, compare, operations]),
    ]),
    context: { queryClient },
    parseSearch: parseWords,
    stringifySearch: writeWords,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFound,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
