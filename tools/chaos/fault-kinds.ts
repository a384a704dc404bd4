import {
  blackHole,
  cut,
  failCalls,
  type FaultKind,
  freeze,
  moment,
  MOMENT,
  onRedis,
  over,
  type Place,
  type QueueMode,
  restartWorkers,
  signalOne,
  signalWorkers,
  spoil,
  stepOneClock,
  type Way,
} from './fault-ways.ts';

const BLACK_HOLE = 'nothing passes, and connections of that time never work again';

const KINDS: [place: Place, name: string, says: string, how: Way][] = [
  ['process', 'kill api', 'SIGKILL of the api', signalOne('api', 'SIGKILL')],
  ['process', 'kill scheduler', 'SIGKILL of the scheduler, which leads', signalOne('scheduler', 'SIGKILL')],
  ['process', 'kill aggregator', 'SIGKILL of the aggregator, which leads', signalOne('aggregator', 'SIGKILL')],
  ['process', 'kill worker', 'SIGKILL of a worker with calls in flight', signalOne('worker', 'SIGKILL')],
  ['process', 'stop api', 'SIGTERM of the api', signalOne('api', 'SIGTERM')],
  ['process', 'stop scheduler', 'SIGTERM of the scheduler', signalOne('scheduler', 'SIGTERM')],
  ['process', 'stop aggregator', 'SIGTERM of the aggregator', signalOne('aggregator', 'SIGTERM')],
  [
    'process',
    'rolling restart',
    'SIGTERM of one worker after the other, each until it is back',
    moment('throughout', restartWorkers),
  ],
  [
    'process',
    'workers frozen',
    'SIGSTOP of all workers: the backlog fills to its high-water mark',
    {
      lastsMs: { min: 2_500, max: 4_000 },
      mayLose: 'throughout',
      async begin(ground) {
        signalWorkers(ground, 'SIGSTOP');
        return () => signalWorkers(ground, 'SIGCONT');
      },
    },
  ],
  ['process', 'scheduler frozen', 'SIGSTOP of the scheduler, which leads', freeze('scheduler')],
  ['process', 'aggregator frozen', 'SIGSTOP of the aggregator, which leads', freeze('aggregator')],
  ['process', 'clock stepped', 'the clock of one process set by 7 h, -2 h, 90 s or -90 s, and back', stepOneClock],
  [
    'redis',
    'flush',
    'FLUSHALL',
    onRedis(async (redis) => {
      await redis.ask('FLUSHALL');
      return over;
    }, MOMENT),
  ],
  [
    'redis',
    'kill',
    'SIGKILL, then started again empty',
    onRedis(async (redis) => {
      await redis.kill();
      return () => redis.start();
    }),
  ],
  [
    'redis',
    'pause',
    'SIGSTOP for 30 s: connections stand and nothing answers',
    onRedis(
      async (redis) => {
        redis.signal('SIGSTOP');
        return () => redis.signal('SIGCONT');
      },
      { min: 30_000, max: 30_000 },
    ),
  ],
  [
    'redis',
    'full',
    'maxmemory reached with noeviction: every write is refused',
    onRedis(async (redis) => {
      await redis.ask('CONFIG SET maxmemory 1');
      return async () => void (await redis.ask('CONFIG SET maxmemory 0'));
    }),
  ],
  ['redis', 'cut', 'every connection reset', cut('redis')],
  [
    'redis',
    'latency',
    '20 to 120 ms more for each piece',
    spoil('redis', 'none', (pick) => ({ kind: 'latency', ms: 20 + 100 * pick })),
  ],
  ['redis', 'stall', 'nothing moves, then all of it arrives', spoil('redis', 'both-ends', () => ({ kind: 'stall' }))],
  ['redis', 'half-open', 'commands arrive, answers do not', spoil('redis', 'both-ends', () => ({ kind: 'half-open' }))],
  ['redis', 'black hole', BLACK_HOLE, blackHole('redis')],
  [
    'postgres',
    'kill',
    'immediate shutdown (SIGQUIT), then crash recovery',
    moment('at-start', ({ postgres }) => postgres.kill()),
  ],
  ['postgres', 'cut', 'every connection reset', cut('postgres')],
  [
    'postgres',
    'latency',
    '10 to 60 ms more for each piece: a slow disk',
    spoil('postgres', 'none', (pick) => ({ kind: 'latency', ms: 10 + 50 * pick })),
  ],
  [
    'postgres',
    'stall',
    'nothing moves, then all of it arrives',
    spoil('postgres', 'both-ends', () => ({ kind: 'stall' })),
  ],
  [
    'postgres',
    'half-open',
    'statements arrive and commit, answers do not',
    spoil('postgres', 'both-ends', () => ({ kind: 'half-open' })),
  ],
  [
    'postgres',
    'throttle',
    '40 kB a second for each connection',
    spoil('postgres', 'none', () => ({ kind: 'throttle', bytesPerSecond: 40_000 })),
  ],
  ['postgres', 'black hole', BLACK_HOLE, blackHole('postgres')],
  ['model', '429', 'rate limited, with retry-after', failCalls('429')],
  ['model', '529', 'overloaded', failCalls('529')],
  ['model', '500', 'server error', failCalls('500')],
  ['model', '502 HTML', 'a page of a gateway', failCalls('502-html')],
  ['model', 'reset before', 'connection reset before the answer', failCalls('reset')],
  ['model', 'reset inside', 'connection reset inside the body, billed', failCalls('reset-mid-body')],
  ['model', 'hanging headers', 'no answer until the deadline of the call', failCalls('hang-headers')],
  ['model', 'hanging body', 'half an answer until the deadline, billed', failCalls('hang-body')],
  ['model', 'broken JSON', 'a body that is no JSON, billed', failCalls('bad-json')],
  ['model', 'wrong type', 'a body that does not say it is JSON, billed', failCalls('wrong-content-type')],
  ['model', 'late', 'answers 1.5 s later', failCalls('slow', { delayMs: 1_500 })],
  [
    'model',
    'slow drip',
    '1.5 kB a second for each connection',
    spoil('model', 'throughout', () => ({ kind: 'throttle', bytesPerSecond: 1_500 })),
  ],
  ['model', 'cut', 'every connection reset', cut('model')],
  ['model', 'stall', 'nothing moves, then all of it arrives', spoil('model', 'throughout', () => ({ kind: 'stall' }))],
  [
    'model',
    'half-open',
    'requests arrive and are billed, answers do not',
    spoil('model', 'throughout', () => ({ kind: 'half-open' })),
  ],
  ['model', 'black hole', BLACK_HOLE, blackHole('model')],
];

/** In the order of the table. */
export const FAULT_KINDS: readonly FaultKind[] = KINDS.map(([place, name, says, how]) => ({
  name: place === 'process' ? name : `${place} ${name}`,
  place,
  says,
  ...how,
}));

/** What can be done to a stack whose queue lies there. */
export function kindsFor(mode: QueueMode): FaultKind[] {
  return FAULT_KINDS.filter(({ place }) => place !== 'redis' || mode === 'redis');
}
