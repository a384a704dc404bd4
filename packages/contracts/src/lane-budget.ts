/**
 * The port of a lane's shared budget. Every worker process of every team spends from the same one; it lives in Redis (a Lua script)
 * or in Postgres (one row a lane), and one suite holds both to the same behaviour.
 *
 * The backend's own clock counts, never a worker's, so that workers whose clocks differ share one budget.
 */
export const RESOURCES = ['requests', 'inputTokens', 'outputTokens', 'inFlight'] as const;
export type Resource = (typeof RESOURCES)[number];

/** What a lane may spend. `null` is no limit. */
export type LaneLimits = {
  requestsPerMinute: number | null;
  inputTokensPerMinute: number | null;
  outputTokensPerMinute: number | null;
  maxInFlight: number | null;
  /** true where the provider refuses a sharp rise: after an idle time the lane starts at a tenth of its rates and climbs. Default false. */
  rampUp?: boolean;
};

/** What a call is expected to take: input tokens that count (uncached and cache writes), output tokens. Whole numbers. */
export type CallEstimate = { inputTokens: number; outputTokens: number };

export type Lane = { id: string; limits: LaneLimits };

/** A place in the lane's schedule. The caller sends after `waitMs`, then settles. */
export type Reservation = { id: string; laneId: string; estimate: CallEstimate };

export type ReserveAnswer =
  | { granted: true; reservation: Reservation; waitMs: number }
  /** Nothing was taken: `binds` says which resource (or a hold) is short, `retryInMs` when asking again makes sense. */
  | { granted: false; binds: Resource | 'hold'; retryInMs: number; reason: string | null };

/** What the call taught about the lane. */
export type CallFeedback =
  /** answered, or failed in a way that says nothing about load; `remaining` are rate headers, which can only shrink a bucket */
  | { kind: 'ok'; remaining?: Partial<Record<'requests' | 'inputTokens' | 'outputTokens', number>> }
  /** 429: the lane closes until then for everybody and its rate shrinks */
  | { kind: 'limited'; retryAfterMs: number | null }
  /** 529, 5xx, timeout: fewer at a time */
  | { kind: 'overloaded' };

export type Settlement = {
  /** what the call really took; null when it was never sent or cost nothing: everything but the request is given back */
  used: CallEstimate | null;
  /** false when the request never left: its place in the schedule is given back as far as that is still possible */
  sent: boolean;
  feedback: CallFeedback;
};

/** What a reader sees of a lane's budget, for "why it waits". Levels are in units of the resource. */
export type LaneBudgetState = {
  laneId: string;
  inFlight: number;
  /** the limit on calls in flight in force now; below the configured one after overload */
  inFlightMax: number | null;
  /** the requests per minute in force now; below the configured ones after a 429 */
  requestsPerMinute: number | null;
  /** how long each resource would make the next call wait, ms; 0 when it is free */
  waitMs: Record<'requests' | 'inputTokens' | 'outputTokens', number>;
  /** `untilMs` is the epoch time by the backend's clock */
  hold: { untilMs: number; reason: string } | null;
};

export type LaneBudget = {
  /**
   * Takes one call's share of every resource at once, now or in the near future, or takes nothing.
   *
   * @param waitMsMax the longest wait worth reserving, ms
   * @param leaseMs   how long after its start an unsettled call counts as in flight, ms, so that a crashed worker's calls do not
   *                  stay for ever; longer than the call's own deadline. Default 15 minutes.
   */
  reserve(lane: Lane, estimate: CallEstimate, waitMsMax: number, leaseMs?: number): Promise<ReserveAnswer>;
  /**
   * Replaces the estimate with what the call took and says what it taught. Settling twice does nothing. It may resolve before the
   * backend knows: settlements ride along with the process's next reservation, a few milliseconds later at most.
   */
  settle(lane: Lane, reservation: Reservation, settlement: Settlement): Promise<void>;
  /** Closes the lane for everybody until `forMs` from now have passed; a later hold never shortens an earlier one. */
  hold(laneId: string, forMs: number, reason: string): Promise<void>;
  /** Opens a held lane at once. */
  release(laneId: string): Promise<void>;
  read(lane: Lane): Promise<LaneBudgetState>;
  /** Calls of an owner that has died no longer count as in flight; without this their places come back when their leases end. */
  forget(laneId: string, owner: string): Promise<void>;
};
