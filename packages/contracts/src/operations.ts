import { type Static, type TSchema, Type } from 'typebox';
import { Quotas } from './quotas.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ description: 'ISO 8601, UTC' });
const Steps = (description: string) => Type.Array(Type.Number(), { description });

/** What may be wrong with the service as a whole. */
export const PROBLEM_CODES = [
  'POSTGRES_UNREACHABLE',
  'SCHEMA_BEHIND',
  'QUEUE_UNREACHABLE',
  'QUEUE_EVICTS',
  'LEADER_LOST',
  'LEADER_STUCK',
  'DISPATCH_STALLED',
  'WORKERS_NONE',
  'LANE_STUCK',
] as const;

/** `subject`: the lane or service that has it. `blocks`: no sweep can be run while it lasts. */
export const ServiceProblem = Type.Object({
  code: Type.Enum([...PROBLEM_CODES]),
  subject: Type.String(),
  since: Time,
  title: Type.String(),
  detail: Type.String(),
  todo: Type.String(),
  blocks: Type.Boolean(),
});
export type ServiceProblem = Static<typeof ServiceProblem>;

/** Who leads in a role, in which term. A leader is heard every second, and followed when it is silent for six. */
export const LeaderView = Type.Object({
  role: Type.Enum(['scheduler', 'aggregator']),
  holder: Type.String(),
  /** raised by each change of leader */
  term: Type.Integer(),
  since: Time,
  silentMs: Type.Integer(),
  /** since it finished a round; since it began to lead where it never did */
  sinceRoundMs: Type.Integer(),
  /** since a round had something to do; null where none had */
  sinceWorkMs: orNull(Type.Integer()),
});
export type LeaderView = Static<typeof LeaderView>;

export const QueueWorker = Type.Object({
  id: Type.String(),
  startedAt: Time,
  seenAt: Time,
  /** its last useful work: when it last settled a trial */
  lastSettledAt: orNull(Time),
  /** trials that it runs, by lane */
  running: Type.Record(Type.String(), Type.Integer()),
});
export type QueueWorker = Static<typeof QueueWorker>;

/** What waits on a lane, since when, and how fast it goes. */
export const LaneQueue = Type.Object({
  lane: Type.String(),
  paused: orNull(Type.String()),
  /** trials by where they are, from Postgres */
  planned: Type.Integer(),
  queued: Type.Integer(),
  oldestQueuedAt: orNull(Time),
  oldestQueuedMs: orNull(Type.Integer()),
  /** calls that ended in the last whole minute */
  callsPerMinute: Type.Integer(),
  /** the queue's own jobs by state; null when it does not answer */
  jobs: orNull(
    Type.Object({
      waiting: Type.Integer(),
      active: Type.Integer(),
      delayed: Type.Integer(),
      paused: Type.Boolean(),
    }),
  ),
});
export type LaneQueue = Static<typeof LaneQueue>;

/** Health of the conveyor. */
export const Queues = Type.Object({
  /** where the queue lives: redis or postgres; null when this process has none */
  backend: orNull(Type.String()),
  /** what is wrong now, with what to do */
  problems: Type.Array(ServiceProblem),
  leaders: Type.Array(LeaderView),
  workers: Type.Array(QueueWorker),
  lanes: Type.Array(LaneQueue),
});
export type Queues = Static<typeof Queues>;

/** What lanes took, in steps of equal length, oldest first. A call counts in the step in which it ended; the step that runs is not in it. */
export const LaneUse = Type.Object({
  /** end of the last step */
  until: Time,
  stepMs: Type.Integer(),
  /** lanes that were used in the window */
  lanes: Type.Array(
    Type.Object({
      lane: Type.String(),
      calls: Steps('calls that ended'),
      inputTokens: Steps('uncached input and cache writes'),
      outputTokens: Steps('output, thinking included'),
      limited: Steps('calls that were answered with a 429'),
      failed: Steps('calls without an answer for whatever other reason'),
    }),
  ),
});
export type LaneUse = Static<typeof LaneUse>;

/** Lanes that an act on all of them changed. */
export const LanesChanged = Type.Object({ lanes: Type.Array(Type.String()), count: Type.Integer() });
export type LanesChanged = Static<typeof LanesChanged>;

export const TeamView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** share of a lane relative to other teams */
  weight: Type.Integer(),
  createdAt: Time,
  /** cap on what its sweeps spend in a month of UTC; null is no cap */
  monthlyBudgetUsd: orNull(Type.Number()),
  /** this month of UTC */
  spentUsd: Type.Number(),
  /** calls of the last ten minutes, without those of judges, and its share of those of all teams; null where nobody made any */
  calls: Type.Integer(),
  callShare: orNull(Type.Number()),
  quotas: Quotas,
  /** what counts towards the quotas now */
  use: Type.Object({ sweepsOpen: Type.Integer(), trialsOpen: Type.Integer(), storageBytes: Type.Integer() }),
});
export type TeamView = Static<typeof TeamView>;
