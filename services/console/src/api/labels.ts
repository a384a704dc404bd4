import type { HumanLabelWord, LabelsKept, Measure } from '@crosscheck/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { call } from './http.ts';

export type Said = { label: HumanLabelWord; labeller: string; codebook: string; note?: string };

/** Labels a trial by somebody who has seen everything of it. */
export const labelTrial = (sweepId: string, trial: string, measure: Measure, said: Said): Promise<LabelsKept> =>
  call(`/v1/sweeps/${sweepId}/labels`, { method: 'POST', body: { trial, measure, blind: false, ...said } });

/** Labels an item of a review, blind. */
export const labelItem = (item: string, said: Said): Promise<LabelsKept> =>
  call(`/v1/review-items/${item}/label`, { method: 'POST', body: said });

export const takeBack = (label: string): Promise<null> => call(`/v1/labels/${label}`, { method: 'DELETE' });

/** A label moves what is known of judges, and with it the corrected numbers. */
export function afterLabel(client: QueryClient, sweepId: string): void {
  void client.invalidateQueries({ queryKey: ['sweep-labels', sweepId] });
  void client.invalidateQueries({ queryKey: ['calibration', sweepId] });
  void client.invalidateQueries({ queryKey: ['sweep', sweepId, 'metrics'] });
}
