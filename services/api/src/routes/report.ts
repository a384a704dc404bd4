import { Report } from '@crosscheck/contracts';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { renderReport, REPORT_POLICY } from '../report/html.ts';
import { readReport, type ReadReportDeps } from '../report/read-report.ts';
import { requireSweep } from './sweeps.ts';

const ReportQuery = Type.Object(
  { format: Type.Optional(Type.Enum(['html', 'json'])) },
  { additionalProperties: false },
);

/** A sweep as a document to read, print and keep. */
export function reportRoutes(app: TypedApp, deps: ApiDeps & ReadReportDeps): void {
  app.get(
    '/v1/sweeps/:id/report',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'The sweep as one HTML file that needs nothing else (default), or the same numbers as JSON',
        params: IdParams,
        querystring: ReportQuery,
        response: {
          200: {
            description: 'The report',
            content: { 'text/html': { schema: Type.String() }, 'application/json': { schema: Report } },
          },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const report = await readReport(deps, sweep);
      if (request.query.format === 'json') return report;
      return reply
        .header('content-security-policy', REPORT_POLICY)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .serializer((page: string) => page)
        .send(renderReport(report));
    },
  );
}
