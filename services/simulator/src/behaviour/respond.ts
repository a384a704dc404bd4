import type { SimulatedModel } from '../model-facts.ts';
import { lastUserText, systemTextOf, type MessagesRequest } from '../protocol/request.ts';
import { bytesOf } from '../protocol/tokens.ts';
import { wordAnswer } from './answer-text.ts';
import type { Cues, ReadCues, Reading } from './cues.ts';
import { drawOutcome, matchCell, promptRates, type Outcome, type Rates } from './draw-outcome.ts';
import { fillSchema } from './fill-schema.ts';
import type { ItemEffect } from './item-effect.ts';
import { isPositive, judge, judgementAsJson, judgementAsText, makeFindTask, type Judgement } from './judge.ts';
import type { JudgingRules } from './judging-rules.ts';
import { drawsOf, makeDraws, shortHash, type Draws } from './keyed-draws.ts';
import { personaName, type Cell, type JudgePersona, type JudgeTaskName, type Persona } from './persona.ts';
import { rememberByText } from './remember.ts';
import { shapeReply, type Shape, type Spoken } from './shape-reply.ts';

export type TrialMeaning = {
  kind: 'trial';
  persona: Persona;
  cell: Cell;
  cues: Cues;
  promptKey: string;
  /** Names the trial: condition, prompt and sample. */
  trialKey: string;
  rates: Rates;
  outcome: Outcome;
};
export type JudgementMeaning = { kind: 'judgement'; judge: JudgePersona; judgement: Judgement };

/** What an answer means, for the ground truth. */
export type Meaning = TrialMeaning | JudgementMeaning;

export type Reply = Shape & {
  id: string;
  refusalCategory: string | null;
  /** How many times faster than usual this answer is. */
  speedup: number;
  meaning: Meaning;
};

/** Who plays a model for a tenant. */
export type Cast = {
  persona: Persona;
  judge: JudgePersona;
  /** A judge by its name judges whatever it is asked, also under a rubric that is not recognised. */
  alwaysJudges: boolean;
  seed: string;
  effect: ItemEffect;
  strip: readonly RegExp[];
};

type RespondInput = {
  request: MessagesRequest;
  model: SimulatedModel;
  cast: Cast;
  /** Hours since the tenant began, for personas that drift. */
  hours: number;
  sampleKey: string;
};

export type Respond = (input: RespondInput) => Reply;

type Texts = { system: string; systemHash: string; user: string };

/** Makes the function that answers a valid request: a pure function of the request, the cast and the sample. */
export function makeRespond({ readCues, rules }: { readCues: ReadCues; rules: JudgingRules }): Respond {
  const findTask = makeFindTask(rules);
  const hashOfSystem = rememberByText(shortHash);
  return (input) => {
    const system = systemTextOf(input.request);
    const texts = { system, systemHash: hashOfSystem(system), user: lastUserText(input.request) };
    const task = findTask(system, texts.user) ?? (input.cast.alwaysJudges ? 'compliance' : null);
    return task === null ? trialReply(input, texts, readCues, rules) : judgeReply(input, texts, task, rules);
  };
}

function judgeReply(input: RespondInput, texts: Texts, task: JudgeTaskName, rules: JudgingRules): Reply {
  const { request, model, cast, sampleKey } = input;
  const { judge: persona, seed } = cast;
  const judgement = judge({ judge: persona, seed, model: model.id, sampleKey, task, judgedText: texts.user });
  const draws = drawsOf([seed, personaName(persona), model.id, texts.systemHash, shortHash(texts.user), sampleKey]);
  const spoken = speakJudgement(judgement, request, texts, rules);
  return {
    ...shapeReply(request, model, spoken, draws),
    id: `msg_sim_${draws.digest}`,
    refusalCategory: null,
    speedup: 1,
    meaning: { kind: 'judgement', judge: persona, judgement },
  };
}

/** A verdict in the form that was asked for: JSON of a schema, a call of a tool, or a word. */
function speakJudgement(judgement: Judgement, request: MessagesRequest, texts: Texts, rules: JudgingRules): Spoken {
  const text = (words: string): Spoken => ({ kind: 'text', text: words, complete: true });
  if (judgement.malformed) return text('This simulated verdict is not in the form that was asked for.');
  const schema = request.output_config?.format?.schema;
  if (schema !== undefined) return text(JSON.stringify(judgementAsJson(judgement, schema, rules)));
  const tool = request.tool_choice?.type === 'none' ? undefined : request.tools?.[0];
  if (tool !== undefined) return { kind: 'tool', input: judgementAsJson(judgement, tool.input_schema ?? {}, rules) };
  return text(judgementAsText(judgement, `${texts.system}\n${texts.user}`, rules));
}

function trialReply(input: RespondInput, texts: Texts, readCues: ReadCues, rules: JudgingRules): Reply {
  const { request, model, cast } = input;
  const { persona, effect, seed } = cast;
  const reading = readCues({ system: texts.system, user: texts.user, model: model.id, strip: cast.strip });
  const { cues, promptKey } = reading;
  const cell = matchCell(persona, cues);
  const draws = makeDraws({
    seed,
    persona: persona.id,
    personaVersion: persona.version,
    model: model.id,
    conditionKey: conditionKeyOf(cell, request, texts.systemHash, reading),
    promptKey,
    sampleKey: persona.ignoresSample === true ? '' : input.sampleKey,
  });
  const scratchpad = cues.reasoning === 'scratchpad';
  const drift = (persona.driftPerHour ?? 0) * input.hours;
  const rates = promptRates({ persona, cell, effect, promptKey, scratchpad, drift });
  const outcome = drawOutcome({ persona, cell, rates, scratchpad }, draws);
  const trialKey = shortHash(`${draws.digest}/${input.sampleKey}`);
  const refuses = outcome.kind === 'answer' && outcome.decision === 'refuse';
  return {
    ...shapeReply(request, model, speakOutcome({ outcome, input, reading, draws, rules }), draws),
    id: `msg_sim_${draws.digest}`,
    refusalCategory: outcome.kind === 'api_refusal' ? outcome.category : null,
    speedup: refuses ? (persona.refusalSpeedup ?? 1) : 1,
    meaning: { kind: 'trial', persona, cell, cues, promptKey, trialKey, rates, outcome },
  };
}

/** Everything of a request that is neither the prompt nor the sample, and the cell that it matched. */
function conditionKeyOf(cell: Cell, request: MessagesRequest, systemHash: string, reading: Reading): string {
  const { tools, thinking, output_config: output } = request;
  return shortHash(
    JSON.stringify([cell.name, systemHash, tools, thinking, output?.effort, output?.format, reading.cueText]),
  );
}

type OutcomeInput = { outcome: Outcome; input: RespondInput; reading: Reading; draws: Draws; rules: JudgingRules };

function speakOutcome({ outcome, input, reading, draws, rules }: OutcomeInput): Spoken {
  const { request, model, cast } = input;
  if (outcome.kind === 'api_refusal') return { kind: 'refusal' };
  if (cast.persona.echo === true) {
    return { kind: 'text', text: `[synthetic echo ${shortHash(JSON.stringify(request))}]`, complete: true };
  }
  const worded = wordAnswer(outcome, {
    persona: cast.persona,
    reading,
    draws,
    bytesOf: (tokens) => bytesOf(tokens, model.tokenizer),
  });
  const schema = request.output_config?.format?.schema;
  if (schema === undefined) return { kind: 'text', ...worded };
  const label = LABELS[outcome.decision];
  const context = { rules, task: 'answer', label, positive: isPositive(label), quote: '', prose: worded.text, draws };
  return { kind: 'text', text: JSON.stringify(fillSchema(schema, context)), complete: worded.complete };
}

const LABELS = { comply: 'complied', partial: 'partial', refuse: 'refused' } as const;
