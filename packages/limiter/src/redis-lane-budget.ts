import { readFileSync } from 'node:fs';
import {
  type FlushableLaneBudget,
  LANE_RULES,
  type LaneAnswer,
  type LaneBackend,
  type LaneBudgetState,
  makeLaneBudgetClient,
  type Resource,
} from '@crosscheck/contracts';
import { Redis } from 'ioredis';
import { laneKeys } from './keys.ts';

export type RedisLaneBudgetOptions = ({ url: string } | { redis: Redis }) & {
  /** see `makeLaneBudgetClient` */
  owner?: string;
  /** first part of every key; one per installation. Default `xc`. */
  prefix?: string;
  /** for tests that own the time, µs; the server's clock counts otherwise */
  nowUs?: () => number;
  /** told of lost connections; ioredis connects again by itself */
  onError?: (error: Error) => void;
};

const read = (file: string): string => readFileSync(new URL(`./lua/${file}`, import.meta.url), 'utf8');
const LANE = read('lane.lua');
const SCRIPTS = {
  laneSpend: { lua: `${LANE}\n${read('spend.lua')}`, numberOfKeys: 3 },
  laneRead: { lua: `${LANE}\n${read('read.lua')}`, numberOfKeys: 3 },
  laneHold: { lua: read('hold.lua'), numberOfKeys: 1 },
};
type Scripts = Record<keyof typeof SCRIPTS, (...args: (string | number)[]) => Promise<unknown>>;

const RULES = JSON.stringify(LANE_RULES);

/**
 * Opens the lane budget in Redis (7.0 or later). One script a call; the server's clock. A connection that is given stays the
 * caller's; one that is opened here ends when the budget is disposed of.
 *
 * A Redis that lost its data has forgotten what is in flight and what a 429 taught, never a configured limit: those come with each call.
 */
export function openRedisLaneBudget(options: RedisLaneBudgetOptions): FlushableLaneBudget {
  const redis = 'redis' in options ? options.redis : connect(options.url, options.onError);
  for (const [name, script] of Object.entries(SCRIPTS)) redis.defineCommand(name, script);
  const budget = makeLaneBudgetClient(makeRedisBackend(redis as Redis & Scripts, options), { owner: options.owner });
  return {
    ...budget,
    async [Symbol.asyncDispose]() {
      try {
        await budget.flush();
      } finally {
        // Nothing of ours is under way after the flush; `quit` would wait for a server that may never come back.
        if (!('redis' in options)) redis.disconnect();
      }
    },
  };
}

/** A connection that was asked something and says nothing for this long is made anew, ms. */
const SILENT_MS = 10_000;

/** A reservation waits for a moment of reconnecting, but no longer: the trial then goes back instead of holding its slot. */
function connect(url: string, onError: (error: Error) => void = () => undefined): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 3, connectTimeout: 5_000, socketTimeout: SILENT_MS });
  redis.on('error', onError);
  return redis;
}

function makeRedisBackend(
  redis: Redis & Scripts,
  { prefix = 'xc', nowUs = () => 0 }: Pick<RedisLaneBudgetOptions, 'prefix' | 'nowUs'>,
): LaneBackend {
  const hold = async (laneId: string, forMs: number, reason: string): Promise<void> => {
    await redis.laneHold(laneKeys(prefix, laneId)[0], nowUs(), forMs, reason);
  };
  return {
    async spend(lane, settlements, ask) {
      const keys = laneKeys(prefix, lane.id);
      const asked = ask ? JSON.stringify(ask) : '';
      const answer = await redis.laneSpend(
        ...keys,
        nowUs(),
        JSON.stringify(lane.limits),
        RULES,
        JSON.stringify(settlements),
        asked,
      );
      return toAnswer(answer as SpendReply);
    },
    hold: (laneId, forMs, reason) => hold(laneId, Math.max(1, Math.ceil(forMs)), reason),
    release: (laneId) => hold(laneId, 0, ''),
    async read(lane) {
      const reply = await redis.laneRead(...laneKeys(prefix, lane.id), nowUs(), JSON.stringify(lane.limits), RULES);
      return toState(lane.id, reply as string[]);
    },
    async forget(laneId, idPrefix) {
      const leases = laneKeys(prefix, laneId)[1];
      const ids = (await redis.zrange(leases, '0', '-1')).filter((id) => id.startsWith(idPrefix));
      if (ids.length > 0) await redis.zrem(leases, ...ids);
    },
  };
}

type SpendReply =
  | []
  | [1, sendUs: string, waitMs: number]
  | [0, binds: Resource | 'hold', retryInMs: number, reason?: string];

function toAnswer(reply: SpendReply): LaneAnswer | null {
  switch (reply[0]) {
    case undefined:
      return null;
    case 1:
      return { granted: true, sendUs: Number(reply[1]), waitMs: reply[2] };
    case 0:
      return { granted: false, binds: reply[1], retryInMs: reply[2], reason: reply[3] ?? null };
    default:
      throw new Error(`spend.lua answered ${JSON.stringify(reply)}`);
  }
}

function toState(laneId: string, reply: string[]): LaneBudgetState {
  const at = (index: number): number => Number(reply[index]);
  const [nowUs, heldUntilUs] = [at(8), at(6)];
  const waitMs = (index: number): number => Math.max(0, Math.ceil((at(index) - nowUs) / 1000));
  return {
    laneId,
    inFlight: at(0),
    inFlightMax: at(1) || null,
    requestsPerMinute: at(2) || null,
    waitMs: { requests: waitMs(3), inputTokens: waitMs(4), outputTokens: waitMs(5) },
    hold: heldUntilUs > nowUs ? { untilMs: Math.ceil(heldUntilUs / 1000), reason: reply[7] ?? '' } : null,
  };
}
