import {
  Type,
  type Static,
  type TArray,
  type TNull,
  type TObject,
  type TSchema,
  type TString,
  type TUnion,
} from 'typebox';
import { FailureView } from './dead-letter.ts';
import { ExtensionView } from './extension.ts';
import { OUTCOMES } from './outcome.ts';
import { Quote } from './quote.ts';
import { SWEEP_STATES, TRIAL_STATES } from './state-machine.ts';
import { LaneSpec } from './provider.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ description: 'ISO 8601, UTC' });
const Counts = Type.Record(Type.String(), Type.Integer());

/** A page of a list; `next` goes into `after` to read the following one, null at the end. */
export const PageOf = <Item extends TSchema>(
  item: Item,
): TObject<{ items: TArray<Item>; next: TUnion<[TString, TNull]> }> =>
  Type.Object({ items: Type.Array(item), next: orNull(Type.String()) });

/** Why nothing moves, or not faster: `reason` for programs, `detail` for people. */
export const WAIT_REASONS = [
  'planning',
  'paused',
  'lane_paused',
  'hold',
  'requests',
  'input_tokens',
  'output_tokens',
  'in_flight',
  'queue',
  'dispatch',
] as const;
export const Wait = Type.Object({
  reason: Type.Enum([...WAIT_REASONS]),
  lane: orNull(Type.String()),
  detail: Type.String(),
  /** ms until it opens by itself; null where somebody has to act, or nobody knows */
  opensInMs: orNull(Type.Integer()),
  /** since when: the pause, or the queueing of the trial that has waited longest there; null where it is not known */
  since: orNull(Time),
  /** what would make it faster, for people */
  wouldHelp: orNull(Type.String()),
});
export type Wait = Static<typeof Wait>;

/** Where a sweep stands. Money is in USD for people, and in pico-USD as decimal text for sums. */
export const SweepView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  study: orNull(Type.String()),
  state: Type.Enum([...SWEEP_STATES]),
  stateReason: orNull(Type.String()),
  provenance: Type.Enum(['real', 'simulated', 'imported', 'none']),
  models: Type.Array(Type.String()),
  conditions: Type.Array(Type.String()),
  priority: Type.Integer(),
  labels: Type.Record(Type.String(), Type.String()),
  progress: Type.Object({
    planned: Type.Integer(),
    settled: Type.Integer(),
    outcomes: Type.Partial(Type.Object(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Type.Integer()])))),
  }),
  spend: Type.Object({
    usd: Type.Number(),
    budgetUsd: orNull(Type.Number()),
    spentPicoUsd: Type.String(),
    budgetPicoUsd: orNull(Type.String()),
  }),
  attempts: Type.Integer(),
  tokens: Counts,
  createdAt: Time,
  startedAt: orNull(Time),
  finishedAt: orNull(Time),
});
export type SweepView = Static<typeof SweepView>;

/** A sweep by itself also says how fast it goes, when it will be done, what it waits for and what to mind. */
export const SweepDetail = Type.Interface([SweepView], {
  /** trials settled a minute, lately */
  perMinute: Type.Number(),
  /** null while nothing settles; the range is what chance in the latest minute leaves open */
  eta: orNull(
    Type.Object({
      ms: Type.Integer(),
      lowMs: Type.Integer(),
      highMs: orNull(Type.Integer()),
      at: Time,
    }),
  ),
  waiting: Type.Array(Wait),
  /** what was read from and written to the providers' prompt caches, and what that saved against plain input by list prices */
  cache: Type.Object({ readTokens: Type.Integer(), writeTokens: Type.Integer(), savedUsd: Type.Number() }),
  warnings: Type.Array(Type.String()),
  dataset: orNull(Type.String()),
  quote: orNull(Type.Unknown()),
  /** by which it grew after it was accepted, oldest first */
  extensions: Type.Array(ExtensionView),
  /** the sweep with every choice made */
  spec: Type.Unknown(),
});
export type SweepDetail = Static<typeof SweepDetail>;

/** The answer to an accepted sweep. `replayed` is true where the idempotency key had been used for the same body. */
export const SweepAccepted = Type.Object({
  id: Type.String(),
  state: Type.Enum([...SWEEP_STATES]),
  trials: Type.Integer(),
  quote: orNull(Quote),
  warnings: Type.Array(Type.String()),
  replayed: Type.Boolean(),
});
export type SweepAccepted = Static<typeof SweepAccepted>;

export const TrialView = Type.Object({
  id: Type.String(),
  sweep: Type.String(),
  position: Type.Integer(),
  model: Type.String(),
  condition: Type.String(),
  prompt: Type.String(),
  sample: Type.Integer(),
  state: Type.Enum([...TRIAL_STATES]),
  outcome: orNull(Type.Enum([...OUTCOMES])),
  settledAt: orNull(Time),
  verdicts: Type.Array(Type.Object({ grader: Type.String(), label: Type.String() })),
});
export type TrialView = Static<typeof TrialView>;

const VerdictView = Type.Object({
  grader: Type.String(),
  measures: Type.String(),
  label: Type.String(),
  score: orNull(Type.Number()),
  votes: Type.Integer(),
  version: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
});

/** Everything about one trial. `request` is rendered again from the sweep; `requestVerified` compares its hash with what was sent. */
export const TranscriptView = Type.Interface([Type.Omit(TrialView, ['prompt', 'verdicts'])], {
  prompt: Type.Object({
    id: Type.String(),
    text: Type.Optional(Type.String()),
    variables: Type.Optional(Type.Record(Type.String(), Type.String())),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
  request: orNull(
    Type.Object({
      system: orNull(Type.String()),
      user: Type.String(),
      sampling: Type.Unknown(),
      /** as it is sent in the provider's dialect */
      body: orNull(Type.Record(Type.String(), Type.Unknown())),
    }),
  ),
  /** why it failed for good; null when it did not */
  failure: orNull(FailureView),
  requestHash: orNull(Type.String()),
  /** null while nothing was sent, or where there is nothing to compare */
  requestVerified: orNull(Type.Boolean()),
  response: orNull(
    Type.Object({
      text: Type.String(),
      /** what the model wrote for itself, and what the user would have seen */
      scratchpad: orNull(Type.String()),
      visible: Type.String(),
      thinking: orNull(Type.String()),
      stopReason: Type.String(),
      refusalCategory: orNull(Type.String()),
      model: Type.String(),
      requestId: orNull(Type.String()),
      requestHash: Type.String(),
      simulated: Type.Boolean(),
      parseStatus: Type.String(),
      parseFlags: Type.Array(Type.String()),
      marker: Type.String(),
      receivedAt: Time,
      /** when its texts were deleted, here and in verdicts and attempts; null while they are there */
      purgedAt: orNull(Time),
    }),
  ),
  verdicts: Type.Array(VerdictView),
  /** what earlier versions of graders said; there when it was asked for */
  history: Type.Optional(Type.Array(Type.Interface([VerdictView], { replacedAt: Time }))),
  /** every call that was made, also the lost ones */
  attempts: Type.Array(
    Type.Object({
      /** subject, or the grader that asked */
      purpose: Type.String(),
      lane: Type.String(),
      startedAt: Time,
      latencyMs: Type.Integer(),
      kind: Type.String(),
      code: Type.String(),
      detail: Type.String(),
      httpStatus: orNull(Type.Integer()),
      requestId: orNull(Type.String()),
      requestHash: Type.String(),
      usage: Counts,
      costPicoUsd: Type.String(),
      costUsd: Type.Number(),
      costStatus: Type.String(),
      priceTable: orNull(Type.String()),
    }),
  ),
});
export type TranscriptView = Static<typeof TranscriptView>;

/** What a lane may spend, what it spends, and why it does not spend more. */
export const LaneView = Type.Object({
  id: Type.String(),
  provider: Type.String(),
  /** the model, or the pool of models that share these limits */
  pool: Type.String(),
  limits: LaneSpec,
  /** `until`: when it opens by itself; null when somebody has to open it */
  paused: orNull(Type.Object({ reason: Type.String(), at: orNull(Time), until: orNull(Time) })),
  /** null when the budget's backend does not answer */
  budget: orNull(
    Type.Object({
      inFlight: Type.Integer(),
      /** the limits in force now: below the configured ones after a 429 or an overload */
      inFlightMax: orNull(Type.Number()),
      requestsPerMinute: orNull(Type.Number()),
      waitMs: Type.Object({ requests: Type.Number(), inputTokens: Type.Number(), outputTokens: Type.Number() }),
      hold: orNull(Type.Object({ untilMs: Type.Number(), reason: Type.String() })),
    }),
  ),
  backlog: Type.Object({ planned: Type.Integer(), queued: Type.Integer(), oldestQueuedAt: orNull(Time) }),
  /** what keeps its trials from being sent now, and what would help; null when nothing waits or nothing binds */
  waits: orNull(Wait),
});
export type LaneView = Static<typeof LaneView>;
