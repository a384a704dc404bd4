import type {
  Calibration,
  Grader,
  LabelsKept,
  LabelView,
  Measure,
  NewLabel,
  Review,
  ReviewLabel,
  SweepState,
} from '@crosscheck/contracts';
import type { Http } from './http.ts';

export type CalibrationOptions = {
  /** labels under this codebook count; the one used last unless said */
  codebook?: string | undefined;
  /** the caller vouches that labels outside of a review draw are a random draw */
  randomLabels?: boolean | undefined;
};
export type RegradeOptions = { graders?: Grader[]; only?: string[] };
export type Regraded = { id: string; state: SweepState; trials: number; graders: string[] };

export type LabelsApi = {
  /** All are kept or none; sending them again changes nothing. */
  send(sweepId: string, labels: NewLabel[]): Promise<LabelsKept>;
  /** The same from a CSV file with a header. */
  sendCsv(sweepId: string, csv: Uint8Array<ArrayBuffer>): Promise<LabelsKept>;
  list(sweepId: string): Promise<LabelView[]>;
  /** All labels as CSV that can be sent back. */
  csv(sweepId: string): Promise<string>;
  remove(labelId: string): Promise<void>;
  /** A blind random draw; the same numbers give the same draw. */
  review(sweepId: string, draw: { measure: Measure; n?: number; seed?: number }): Promise<Review>;
  labelItem(itemId: string, label: ReviewLabel): Promise<LabelsKept>;
  /** What labels say of the sweep's judges, and its numbers corrected by it. */
  calibration(sweepId: string, options?: CalibrationOptions): Promise<Calibration>;
  /** Grades the answers of a finished sweep anew; the subject is not asked. */
  regrade(sweepId: string, options: RegradeOptions): Promise<Regraded>;
};

export function makeLabelsApi(http: Http): LabelsApi {
  const at = (id: string, what: string) => `/v1/sweeps/${encodeURIComponent(id)}/${what}`;
  return {
    send: (id, labels) => http.json(at(id, 'labels'), { method: 'POST', json: labels }),
    sendCsv: (id, csv) =>
      http.json(at(id, 'labels'), {
        method: 'POST',
        body: new Blob([csv]).stream(),
        headers: { 'content-type': 'text/csv' },
      }),
    list: async (id) => (await http.json<{ items: LabelView[] }>(at(id, 'labels'))).items,
    csv: async (id) =>
      (await http.send(at(id, 'labels'), { query: { format: 'csv' }, headers: { accept: '*/*' } })).text(),
    remove: (labelId) => http.json(`/v1/labels/${encodeURIComponent(labelId)}`, { method: 'DELETE' }),
    review: (id, draw) => http.json(at(id, 'review'), { query: draw }),
    labelItem: (itemId, label) =>
      http.json(`/v1/review-items/${encodeURIComponent(itemId)}/label`, { method: 'POST', json: label }),
    calibration: (id, options = {}) => http.json(at(id, 'calibration'), { query: options }),
    regrade: (id, options) => http.json(at(id, 'regrade'), { method: 'POST', json: options }),
  };
}
