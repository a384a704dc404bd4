import type { LaneBudgetState, LaneLimits, Wait } from '@crosscheck/contracts';

/** What keeps the calls of a lane from starting at once, by its budget. */
export type Binding = Pick<Wait, 'reason' | 'detail' | 'opensInMs' | 'wouldHelp'>;

/** What binds for less than this is the ordinary spacing of calls, ms. */
const NOTICEABLE_MS = 250;

const TOKENS_HELP = {
  input_tokens:
    'more inputTokensPerMinute, shorter prompts, or a system prompt that all conditions share: cached input does not count',
  output_tokens: 'more outputTokensPerMinute, or shorter answers',
};

/** The hold first, then the resource that makes the next call wait longest, then the calls in flight; null when nothing binds. */
export function bindingOf(
  lane: { id: string; limits: LaneLimits },
  state: LaneBudgetState,
  nowMs: number,
): Binding | null {
  const { hold } = state;
  if (hold && hold.untilMs > nowMs) {
    const opensInMs = Math.ceil(hold.untilMs - nowMs);
    return {
      reason: 'hold',
      detail: `lane ${lane.id} is held for ${seconds(opensInMs)}: ${hold.reason}`,
      opensInMs,
      wouldHelp: `it opens by itself; POST /v1/lanes/${lane.id}/resume opens it now, when the cause is gone`,
    };
  }
  return bindingRate(lane, state) ?? bindingFlight(lane, state);
}

function bindingRate(
  lane: { id: string; limits: LaneLimits },
  { waitMs, requestsPerMinute }: LaneBudgetState,
): Binding | null {
  const rates = [
    ['requests', waitMs.requests, 'requests a minute'],
    ['input_tokens', waitMs.inputTokens, 'input tokens a minute'],
    ['output_tokens', waitMs.outputTokens, 'output tokens a minute'],
  ] as const;
  const [reason, ms, what] = rates.reduce((most, one) => (one[1] > most[1] ? one : most));
  if (ms < NOTICEABLE_MS) return null;
  const opensInMs = Math.ceil(ms);
  return {
    reason,
    detail: `lane ${lane.id} has used its ${what}: the next call may start in ${seconds(opensInMs)}`,
    opensInMs,
    wouldHelp: reason === 'requests' ? moreRequests(lane.limits, requestsPerMinute) : TOKENS_HELP[reason],
  };
}

/** After a 429 the rate in force is below the configured one: then more of the configured one helps nothing. */
function moreRequests({ requestsPerMinute: configured }: LaneLimits, inForce: number | null): string {
  if (inForce !== null && (configured === null || inForce < 0.99 * configured)) {
    return `a higher limit at the provider: it refused calls, and ${Math.round(inForce)} a minute are sent${configured === null ? '' : ` of ${configured} that are configured`}`;
  }
  return 'more requestsPerMinute, if the provider account allows more';
}

function bindingFlight(
  lane: { id: string; limits: LaneLimits },
  { inFlight, inFlightMax }: LaneBudgetState,
): Binding | null {
  if (inFlightMax === null || inFlight < inFlightMax) return null;
  const configured = lane.limits.maxInFlight;
  const isCut = configured === null || inFlightMax < configured;
  return {
    reason: 'in_flight',
    detail: `lane ${lane.id} has ${inFlight} of ${Math.floor(inFlightMax)} calls in flight`,
    opensInMs: null,
    wouldHelp: isCut
      ? 'a server that is less loaded: it failed calls, so fewer are sent at a time'
      : 'a larger maxInFlight, or faster answers',
  };
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
