import { openSpan, type SpanOptions } from '@crosscheck/runtime';
import type { Claim, Demand } from '@crosscheck/store';

export type Handout = {
  /** the sweep that the claims are of */
  claimant: Demand | undefined;
  laneId: string;
  claims: Claim[];
  /** when claiming began, epoch ms */
  startedMs: number;
};
/** Hands out claims, each below a span of its own if there are any: `send` is given their traceparents by the id of the trial. */
export type TraceDispatch = (
  handout: Handout,
  send: (traceparents?: ReadonlyMap<string, string>) => Promise<void>,
) => Promise<void>;

export const UNTRACED: TraceDispatch = (_handout, send) => send();

/** Stores of traces read a trace as a whole, and refuse one of many megabytes: about ten spans a trial, half a kilobyte each. */
const TRIALS_IN_ONE_TRACE = 200;

/**
 * A span for each claim. A small sweep is one trace, from the request that submitted it to the last record. Of a larger one each claim is a
 * trace of its own with a link to that request, so that one sweep of a million trials can be sampled by trial, and each can be opened.
 */
export function makeTraceDispatch(): TraceDispatch {
  return async function trace({ claimant, laneId, claims, startedMs }, send) {
    const spans = claims.map(({ id, epoch }) => {
      const attributes = {
        'crosscheck.trial.id': id,
        'crosscheck.trial.epoch': epoch,
        'crosscheck.lane': laneId,
        ...(claimant && { 'crosscheck.sweep.id': claimant.sweepId, 'crosscheck.team': claimant.team }),
      };
      return {
        id,
        span: openSpan('dispatch trial', { kind: 'producer', startedMs, attributes, ...placeOf(claimant) }),
      };
    });
    try {
      await send(new Map(spans.flatMap(({ id, span }) => (span.traceparent === null ? [] : [[id, span.traceparent]]))));
    } finally {
      for (const { span } of spans) span.end();
    }
  };
}

function placeOf(claimant: Demand | undefined): Pick<SpanOptions, 'parent' | 'origin'> {
  if (!claimant || claimant.traceparent === null) return {};
  const { traceparent, planned } = claimant;
  return planned <= TRIALS_IN_ONE_TRACE ? { parent: traceparent } : { origin: traceparent };
}
