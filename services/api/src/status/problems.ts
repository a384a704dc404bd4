import type { PROBLEM_CODES } from '@crosscheck/contracts';

/** What may be wrong with the service as a whole, what it means, and what to do. `blocks`: no sweep can be run while it lasts. */
export const PROBLEMS = {
  POSTGRES_UNREACHABLE: {
    blocks: true,
    title: 'Postgres does not answer',
    todo: 'start it, or correct DATABASE_URL; workers keep their answers until it is back',
  },
  SCHEMA_BEHIND: { blocks: true, title: 'The database is behind this build', todo: 'run the migrations' },
  QUEUE_UNREACHABLE: {
    blocks: true,
    title: 'The queue does not answer',
    todo: 'start Redis, or correct REDIS_URL; what it held is put back from Postgres',
  },
  QUEUE_EVICTS: {
    blocks: false,
    title: 'Redis may drop keys when its memory is full',
    todo: 'set maxmemory-policy to noeviction',
  },
  LEADER_LOST: {
    blocks: true,
    title: 'Nobody leads',
    todo: 'start a process of this service, and look at its log when one runs',
  },
  LEADER_STUCK: {
    blocks: true,
    title: 'The leader finishes no round',
    todo: 'look at its log; ending it lets another lead',
  },
  DISPATCH_STALLED: {
    blocks: true,
    title: 'Trials wait for a lane that has nothing under way, and none is handed out',
    todo: 'look at the log of the leading scheduler; ending it lets another lead',
  },
  WORKERS_NONE: { blocks: true, title: 'No worker lives', todo: 'start workers' },
  LANE_STUCK: {
    blocks: false,
    title: 'Trials were handed to a lane that is free, and no worker calls its model',
    todo: 'look at the logs of the workers; ending one gives what it holds to the others',
  },
} as const satisfies Record<(typeof PROBLEM_CODES)[number], { blocks: boolean; title: string; todo: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** What one look found; a problem once it has been there for `afterMs`. */
export type Symptom = {
  code: ProblemCode;
  subject: string;
  detail: string;
  /** known from the database; else the first look that found it */
  sinceMs?: number;
  /** two looks with one `mark` found the same; another mark starts anew */
  mark?: string;
  afterMs?: number;
};
