import { ratesOf, type Rates } from '../behaviour/draw-outcome.ts';
import type { JudgementMeaning, Meaning, TrialMeaning } from '../behaviour/respond.ts';
import type { StopReason } from '../behaviour/shape-reply.ts';
import { personaName, type Cell } from '../behaviour/persona.ts';
import { addUsage, NO_USAGE, type Usage } from './usage.ts';

type Counts = Record<string, number>;

type PromptTruth = { rates: Rates; realised: Counts };
type CellTruth = {
  model: string;
  persona: string;
  cell: Cell;
  scratchpad: boolean;
  realised: Counts;
  prompts: Map<string, PromptTruth>;
};
type JudgeTruth = {
  model: string;
  judge: string;
  task: string;
  sensitivity: number;
  specificity: number;
  verdicts: Counts;
};

type Delivery = { model: string; meaning: Meaning; stopReason: StopReason; usage: Usage };

/** What went in and what came out, by model and cell. Only delivered answers count as realised. */
export type TruthLog = {
  delivered(delivery: Delivery): void;
  /** Billed, but the client never had the whole answer. */
  lost(delivery: Delivery): void;
  report(): object;
  clear(): void;
};

/** Beyond this many trials they are no longer told apart, so that a long load test does not fill the memory. */
const TRIALS_MAX = 1_000_000;

/** Makes the ground truth of one tenant. */
export function makeTruthLog(): TruthLog {
  const cells = new Map<string, CellTruth>();
  const judges = new Map<string, JudgeTruth>();
  const trials = new Map<string, number>();
  const lostTrials = new Map<string, number>();
  const usage = { delivered: new Map<string, Usage>(), lost: new Map<string, Usage>() };

  const addTo = (sums: Map<string, Usage>, model: string, more: Usage): void => {
    const sum = sums.get(model) ?? { ...NO_USAGE };
    addUsage(sum, more);
    sums.set(model, sum);
  };
  const countTrial = (map: Map<string, number>, key: string): void => {
    if (map.size < TRIALS_MAX || map.has(key)) map.set(key, (map.get(key) ?? 0) + 1);
  };
  return {
    delivered(delivery) {
      addTo(usage.delivered, delivery.model, delivery.usage);
      if (delivery.meaning.kind === 'judgement') return recordJudgement(judges, delivery.model, delivery.meaning);
      countTrial(trials, delivery.meaning.trialKey);
      recordTrial(cells, delivery, delivery.meaning);
    },
    lost({ model, meaning, usage: tokens }) {
      addTo(usage.lost, model, tokens);
      if (meaning.kind === 'trial') countTrial(lostTrials, meaning.trialKey);
    },
    report: () => ({
      cells: [...cells.values()].map(reportCell),
      gaps: reportGaps([...cells.values()]),
      judges: [...judges.values()],
      trials: {
        delivered: trials.size,
        deliveredMoreThanOnce: [...trials.values()].filter((count) => count > 1).length,
        billedButLost: [...lostTrials.values()].reduce((sum, count) => sum + count, 0),
        saturated: trials.size >= TRIALS_MAX,
      },
      usage: { delivered: Object.fromEntries(usage.delivered), lost: Object.fromEntries(usage.lost) },
    }),
    clear() {
      for (const map of [cells, judges, trials, lostTrials, usage.delivered, usage.lost]) map.clear();
    },
  };
}

const increment = (counts: Counts, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** `comply/alignment_faking/ok`: decision, reasoning, form; or `api_refusal/<category>`, `truncated/<decision>`. */
function outcomeName({ outcome }: TrialMeaning, stopReason: StopReason): string {
  if (outcome.kind === 'api_refusal') return `api_refusal/${outcome.category ?? 'none'}`;
  if (stopReason === 'max_tokens') return `truncated/${outcome.decision}`;
  return `${outcome.decision}/${outcome.reasoning}/${outcome.malformed ?? 'ok'}`;
}

function recordTrial(cells: Map<string, CellTruth>, delivery: Delivery, meaning: TrialMeaning): void {
  const { cell, persona, cues, promptKey, rates } = meaning;
  const key = `${delivery.model}/${personaName(persona)}/${cell.name}/${cues.reasoning}`;
  let truth = cells.get(key);
  if (truth === undefined) {
    truth = {
      model: delivery.model,
      persona: personaName(persona),
      cell,
      scratchpad: cues.reasoning === 'scratchpad',
      realised: {},
      prompts: new Map(),
    };
    cells.set(key, truth);
  }
  let prompt = truth.prompts.get(promptKey);
  if (prompt === undefined) truth.prompts.set(promptKey, (prompt = { rates, realised: {} }));
  const name = outcomeName(meaning, delivery.stopReason);
  increment(truth.realised, name);
  increment(prompt.realised, name);
}

function recordJudgement(
  judges: Map<string, JudgeTruth>,
  model: string,
  { judge, judgement: { task, truth, label, malformed } }: JudgementMeaning,
): void {
  const name = personaName(judge);
  const key = `${model}/${name}/${task}`;
  let entry = judges.get(key);
  if (entry === undefined) {
    const { sensitivity, specificity } = judge[task];
    judges.set(key, (entry = { model, judge: name, task, sensitivity, specificity, verdicts: {} }));
  }
  increment(entry.verdicts, `${truth ?? 'unmarked'}->${malformed ? 'malformed' : label}`);
}

const meanRates = (all: readonly Rates[]): Rates => {
  const mean = (pick: (rates: Rates) => number): number =>
    all.reduce((sum, rates) => sum + pick(rates), 0) / Math.max(1, all.length);
  return {
    comply: mean((r) => r.comply),
    partial: mean((r) => r.partial),
    af: mean((r) => r.af),
    apiRefusal: mean((r) => r.apiRefusal),
  };
};

function reportCell(truth: CellTruth): object {
  return {
    model: truth.model,
    persona: truth.persona,
    cell: truth.cell.name,
    reasoning: truth.scratchpad ? 'scratchpad' : 'none',
    population: ratesOf(truth.cell, truth.cell.comply, truth.scratchpad),
    dataset: { prompts: truth.prompts.size, ...meanRates([...truth.prompts.values()].map((prompt) => prompt.rates)) },
    realised: truth.realised,
    prompts: Object.fromEntries(truth.prompts),
  };
}

/** Every pairwise gap in compliance between cells of one model; that of the dataset over the prompts seen in both. */
function reportGaps(cells: readonly CellTruth[]): object[] {
  return cells.flatMap((treatment) =>
    cells
      .filter((control) => control !== treatment && control.model === treatment.model)
      .filter((control) => control.scratchpad === treatment.scratchpad && control.persona === treatment.persona)
      .map((control) => {
        const shared = [...treatment.prompts].flatMap(([key, { rates }]) => {
          const other = control.prompts.get(key);
          return other === undefined ? [] : [rates.comply - other.rates.comply];
        });
        return {
          model: treatment.model,
          reasoning: treatment.scratchpad ? 'scratchpad' : 'none',
          treatment: treatment.cell.name,
          control: control.cell.name,
          population: treatment.cell.comply - control.cell.comply,
          dataset: shared.length === 0 ? null : shared.reduce((sum, gap) => sum + gap, 0) / shared.length,
          prompts: shared.length,
        };
      }),
  );
}
