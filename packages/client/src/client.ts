import { makeAdminApi, type AdminApi } from './admin.ts';
import { makeDatasetsApi, type DatasetsApi } from './datasets.ts';
import { type HttpOptions, makeHttp } from './http.ts';
import { type LabelsApi, makeLabelsApi } from './labels.ts';
import { makeOpsApi, type OpsApi } from './ops.ts';
import { makePlanningApi, type PlanningApi } from './planning.ts';
import { makeSweepsApi, type SweepsApi } from './sweeps.ts';

/** Every route of the API by its noun. */
export type Client = OpsApi & AdminApi & PlanningApi & { sweeps: SweepsApi; datasets: DatasetsApi; labels: LabelsApi };

/**
 * Makes a client of one Crosscheck server. It opens nothing: connections belong to fetch.
 *
 * Every method rejects with a ProblemError when the server refuses, an UnreachableError when nothing answers, and an
 * UnexpectedAnswerError when something else than Crosscheck does.
 */
export function makeClient(options: HttpOptions): Client {
  const http = makeHttp(options);
  return {
    sweeps: makeSweepsApi(http),
    datasets: makeDatasetsApi(http),
    labels: makeLabelsApi(http),
    ...makePlanningApi(http),
    ...makeOpsApi(http),
    ...makeAdminApi(http),
  };
}
