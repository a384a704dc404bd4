import type {
  CallEstimate,
  Lane,
  LaneBudget,
  LaneBudgetState,
  ReserveAnswer,
  Reservation,
  Settlement,
} from './lane-budget.ts';
import { LANE_RULES } from './lane-rules.ts';

/** One reservation as a backend is asked for it. `id` is the lease of the place in flight. */
export type LaneAsk = { id: string; input: number; output: number; waitMsMax: number; leaseMs: number };

/** One settlement as a backend applies it: tokens as the difference to the estimate, `sendUs` as the backend itself had given it. */
export type LaneSettlement = {
  id: string;
  sendUs: number;
  sent: 0 | 1;
  input: number;
  output: number;
  kind: 'ok' | 'limited' | 'overloaded';
  retryAfterMs: number;
  remaining: Partial<Record<'requests' | 'inputTokens' | 'outputTokens', number>>;
};

/** A lane as a backend gets it. 0 is no limit: JSON's null is a value of its own in Redis's Lua, and true there. */
export type LaneOnWire = {
  id: string;
  limits: { requests: number; input: number; output: number; inFlight: number; rampUp: 0 | 1 };
};

export type LaneAnswer = { granted: true; sendUs: number; waitMs: number } | Extract<ReserveAnswer, { granted: false }>;

/** What Redis and Postgres each do in one round trip. Settlements come first; one whose lease is gone changes nothing. */
export type LaneBackend = {
  spend(lane: LaneOnWire, settlements: LaneSettlement[], ask: LaneAsk | null): Promise<LaneAnswer | null>;
  hold(laneId: string, forMs: number, reason: string): Promise<void>;
  release(laneId: string): Promise<void>;
  read(lane: LaneOnWire): Promise<LaneBudgetState>;
  /** Ends the leases whose id begins with this. */
  forget(laneId: string, idPrefix: string): Promise<void>;
};

export type FlushableLaneBudget = LaneBudget &
  AsyncDisposable & {
    /** Brings all waiting settlements to the backend. Rejects when it cannot; they are kept for the next attempt. */
    flush(): Promise<void>;
  };

/** A settlement waits this long for a reservation of its process to ride along with, ms. */
const RIDE_MS = 15;
/** And this long for the next attempt when the backend was away, ms. */
const AGAIN_MS = 1_000;
const LEASE_MS = 15 * 60_000;

/**
 * Makes a lane budget out of a backend so that a call costs about one round trip: settlements wait for the process's next
 * reservation of the lane and ride along. A 429 does not wait, because everybody else is about to run into it.
 *
 * @param options.owner whose calls these are, unique among processes; `forget` takes it. A random id when absent
 */
export function makeLaneBudgetClient(
  backend: LaneBackend,
  { owner = crypto.randomUUID() }: { owner?: string | undefined } = {},
): FlushableLaneBudget {
  const waiting = new Map<string, { lane: Lane; settlements: LaneSettlement[]; timer: NodeJS.Timeout | null }>();
  const mintId = makeIds(owner);

  /** Sends what waits for the lane, with the ask if there is one. What could not be delivered waits again: settling twice is harmless. */
  async function spend(lane: Lane, ask: LaneAsk | null): Promise<LaneAnswer | null> {
    const entry = waiting.get(lane.id);
    waiting.delete(lane.id);
    if (entry?.timer) clearTimeout(entry.timer);
    const settlements = entry?.settlements ?? [];
    if (!ask && settlements.length === 0) return null;
    try {
      return await backend.spend(toWire(lane), settlements, ask);
    } catch (error) {
      if (settlements.length > 0) queue(lane, settlements, AGAIN_MS);
      throw error;
    }
  }

  function queue(lane: Lane, settlements: LaneSettlement[], afterMs: number): void {
    const entry = waiting.get(lane.id) ?? { lane, settlements: [], timer: null };
    entry.settlements.push(...settlements);
    entry.timer ??= setTimeout(() => {
      entry.timer = null;
      void trySpend(lane);
    }, afterMs).unref();
    waiting.set(lane.id, entry);
  }

  /** A backend that is away shows itself to whoever reserves next; what could not be delivered waits for the next attempt. */
  async function trySpend(lane: Lane): Promise<void> {
    await spend(lane, null).catch(() => null);
  }

  async function flush(): Promise<void> {
    await Promise.all([...waiting.values()].map(({ lane }) => spend(lane, null)));
  }

  return {
    async reserve(lane, estimate, waitMsMax, leaseMs = LEASE_MS) {
      const id = mintId();
      const ask = { id, input: estimate.inputTokens, output: estimate.outputTokens, waitMsMax, leaseMs };
      const answer = await spend(lane, ask);
      if (!answer) throw new Error(`the budget of lane ${lane.id} gave no answer to a reservation`);
      if (!answer.granted) return answer;
      return { granted: true, reservation: toReservation(lane, id, answer.sendUs, estimate), waitMs: answer.waitMs };
    },
    async settle(lane, reservation, settlement) {
      queue(lane, [toLaneSettlement(reservation, settlement)], RIDE_MS);
      if (settlement.feedback.kind === 'limited') await trySpend(lane);
    },
    hold: (laneId, forMs, reason) => backend.hold(laneId, forMs, reason),
    release: (laneId) => backend.release(laneId),
    read: (lane) => backend.read(toWire(lane)),
    forget: (laneId, dead) => backend.forget(laneId, idPrefixOf(dead)),
    flush,
    [Symbol.asyncDispose]: flush,
  };
}

function toWire({ id, limits }: Lane): LaneOnWire {
  return {
    id,
    limits: {
      requests: limits.requestsPerMinute ?? 0,
      input: limits.inputTokensPerMinute ?? 0,
      output: limits.outputTokensPerMinute ?? 0,
      inFlight: limits.maxInFlight ?? 0,
      rampUp: limits.rampUp ? 1 : 0,
    },
  };
}

/** The id carries the time that the backend gave for sending, so that nobody has to remember it. */
function toReservation(lane: Lane, id: string, sendUs: number, estimate: CallEstimate): Reservation {
  return { id: `${id}@${sendUs}`, laneId: lane.id, estimate };
}

function toLaneSettlement({ id, estimate }: Reservation, { used, sent, feedback }: Settlement): LaneSettlement {
  const at = id.lastIndexOf('@');
  return {
    id: id.slice(0, at),
    sendUs: Number(id.slice(at + 1)),
    sent: sent ? 1 : 0,
    input: (used?.inputTokens ?? 0) - estimate.inputTokens,
    output: (used?.outputTokens ?? 0) - estimate.outputTokens,
    kind: feedback.kind,
    retryAfterMs: feedback.kind === 'limited' ? (feedback.retryAfterMs ?? LANE_RULES.limitedMs) : 0,
    remaining: feedback.kind === 'ok' ? (feedback.remaining ?? {}) : {},
  };
}

/** Ids that no other process makes: the owner, a random part for this client of his, a counter for the call. */
function makeIds(owner: string): () => string {
  const clientId = crypto.randomUUID();
  let calls = 0;
  return () => `${idPrefixOf(owner)}${clientId}-${(calls += 1)}`;
}

const idPrefixOf = (owner: string): string => `${owner}/`;
