import type { SimulatedModel } from '../model-facts.ts';
import { lastUserText, systemTextOf, type MessagesRequest } from '../protocol/request.ts';
import { bytesOf, countText } from '../protocol/tokens.ts';
import { isThinkingOn } from '../protocol/validate.ts';
import { wordAnswer } from './answer-text.ts';
import type { Cues, ReadCues, Reading } from './cues.ts';
import { drawOutcome, matchCell, promptRates, type Outcome, type Rates } from './draw-outcome.ts';
import { fillSchema } from './fill-schema.ts';
import type { ItemEffect } from './item-effect.ts';
import { isPositive, judge, judgementAsJson, judgementAsText, makeFindTask, type Judgement } from './judge.ts';
import type { JudgingRules } from './judging-rules.ts';
import { drawsOf, makeDraws, shortHash, type Draws } from './keyed-draws.ts';
import { rememberByText } from './remember.ts';
import { thinkingTokens } from './latency.ts';
import { personaName, type Cell, type JudgePersona, type Persona } from './persona.ts';

export type ContentBlock =
  | { type: 'text'; text: string; citations: null }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown; caller: { type: 'direct' } };

export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'refusal' | 'tool_use';

/** What a delivered answer means, for the ground truth. */
export type Meaning =
  | {
      kind: 'trial';
      persona: Persona;
      cell: Cell;
      cues: Cues;
      promptKey: string;
      trialKey: string;
      rates: Rates;
      outcome: Outcome;
    }
  | { kind: 'judgement'; judge: JudgePersona; judgement: Judgement; trialKey: string };

export type Reply = {
  id: string;
  personaName: string;
  content: ContentBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  refusalCategory: string | null;
  outputTokens: number;
  thinkingTokens: number;
  speedup: number;
  meaning: Meaning;
};

/** The persona that plays a model for a tenant. */
export type Cast = {
  persona: Persona;
  judge: JudgePersona;
  /** A judge by its name judges whatever it is asked, also under a rubric that is not recognised. */
  alwaysJudges: boolean;
  seed: string;
  effect: ItemEffect;
  strip: readonly RegExp[];
};

export type RespondInput = {
  request: MessagesRequest;
  model: SimulatedModel;
  cast: Cast;
  /** Hours since the tenant began, for personas that drift. */
  hours: number;
  sampleKey: string;
};

export type Respond = (input: RespondInput) => Reply;

/** Makes the function that answers a valid request: what is said, and how it is said in blocks and tokens. */
export function makeRespond({ readCues, rules }: { readCues: ReadCues; rules: JudgingRules }): Respond {
  const findTask = makeFindTask(rules);
  const hashOfSystem = rememberByText(shortHash);
  return (input) => {
    const system = systemTextOf(input.request);
    const user = lastUserText(input.request);
    const task = findTask(system, user) ?? (input.cast.alwaysJudges ? 'compliance' : null);
    if (task !== null) return judgeReply({ ...input, system, user, task, rules });
    return trialReply({ ...input, system, systemHash: hashOfSystem(system), user, readCues, rules });
  };
}

type Spoken = { text: string; toolInput?: unknown; complete: boolean };

function judgeReply(
  input: RespondInput & { system: string; user: string; task: Judgement['task']; rules: JudgingRules },
): Reply {
  const { request, model, cast, sampleKey, rules } = input;
  const judgement = judge({
    judge: cast.judge,
    seed: cast.seed,
    model: model.id,
    sampleKey,
    task: input.task,
    judgedText: input.user,
  });
  const draws = drawsOf([
    cast.seed,
    personaName(cast.judge),
    model.id,
    shortHash(input.system + input.user),
    sampleKey,
  ]);
  const format = request.output_config?.format?.schema;
  const tool = request.tools?.[0];
  const spoken: Spoken = judgement.malformed
    ? { text: 'This simulated verdict is not in the form that was asked for.', complete: true }
    : format !== undefined
      ? { text: JSON.stringify(judgementAsJson(judgement, format, rules)), complete: true }
      : tool !== undefined && request.tool_choice?.type !== 'none'
        ? { text: '', toolInput: judgementAsJson(judgement, tool.input_schema ?? {}, rules), complete: true }
        : { text: judgementAsText(judgement, input.system + input.user, rules), complete: true };
  const meaning: Meaning = { kind: 'judgement', judge: cast.judge, judgement, trialKey: draws.digest };
  return shape({ request, model, draws, spoken, meaning, personaName: personaName(cast.judge), speedup: 1 });
}

function trialReply(
  input: RespondInput & { system: string; systemHash: string; user: string; readCues: ReadCues; rules: JudgingRules },
): Reply {
  const { request, model, cast, rules } = input;
  const { persona, effect, seed } = cast;
  const reading = input.readCues({ system: input.system, user: input.user, model: model.id, strip: cast.strip });
  const cell = matchCell(persona, reading.cues);
  const draws = makeDraws({
    seed,
    persona: persona.id,
    personaVersion: persona.version,
    model: model.id,
    conditionKey: conditionKeyOf(cell, request, input.systemHash, reading),
    promptKey: reading.promptKey,
    sampleKey: persona.ignoresSample === true ? '' : input.sampleKey,
  });
  const scratchpad = reading.cues.reasoning === 'scratchpad';
  const drift = (persona.driftPerHour ?? 0) * input.hours;
  const rates = promptRates({ persona, cell, effect, promptKey: reading.promptKey, scratchpad, drift });
  const outcome = drawOutcome({ persona, cell, rates, scratchpad }, draws);
  const trialKey = shortHash(`${draws.digest}/${input.sampleKey}`);
  const meaning: Meaning = {
    kind: 'trial',
    persona,
    cell,
    cues: reading.cues,
    promptKey: reading.promptKey,
    trialKey,
    rates,
    outcome,
  };
  const speedup = outcome.kind === 'answer' && outcome.decision === 'refuse' ? (persona.refusalSpeedup ?? 1) : 1;
  const spoken = speak({ outcome, input, reading, draws, rules });
  return shape({ request, model, draws, spoken, meaning, personaName: personaName(persona), speedup });
}

/** Everything of a request that is neither the prompt nor the sample, and the cell that it matched. */
function conditionKeyOf(cell: Cell, request: MessagesRequest, systemHash: string, reading: Reading): string {
  const { tools, thinking, output_config: output } = request;
  return shortHash(
    JSON.stringify([cell.name, systemHash, tools, thinking, output?.effort, output?.format, reading.cueText]),
  );
}

function speak({
  outcome,
  input,
  reading,
  draws,
  rules,
}: {
  outcome: Outcome;
  input: RespondInput;
  reading: Reading;
  draws: Draws;
  rules: JudgingRules;
}): Spoken | null {
  const { request, model, cast } = input;
  if (outcome.kind === 'api_refusal') return null;
  if (cast.persona.echo === true)
    return { text: `[synthetic echo ${shortHash(JSON.stringify(request))}]`, complete: true };
  const worded = wordAnswer(outcome, {
    persona: cast.persona,
    reading,
    draws,
    bytesOf: (tokens) => bytesOf(tokens, model.tokenizer),
  });
  const schema = request.output_config?.format?.schema;
  if (schema === undefined) return worded;
  const label = outcome.decision === 'comply' ? 'complied' : outcome.decision === 'partial' ? 'partial' : 'refused';
  const prose = worded.text;
  const value = fillSchema(schema, {
    rules,
    task: 'answer',
    label,
    positive: isPositive(label),
    quote: '',
    prose,
    draws,
  });
  return { text: JSON.stringify(value), complete: worded.complete };
}

/** Puts what was said into content blocks, within `max_tokens` for thinking and text together. */
function shape({
  request,
  model,
  draws,
  spoken,
  meaning,
  personaName: name,
  speedup,
}: {
  request: MessagesRequest;
  model: SimulatedModel;
  draws: Draws;
  spoken: Spoken | null;
  meaning: Meaning;
  personaName: string;
  speedup: number;
}): Reply {
  const id = `msg_sim_${draws.digest}`;
  const base = { id, personaName: name, speedup, meaning, stopSequence: null, refusalCategory: null };
  if (request.max_tokens === 0) {
    return { ...base, content: [], stopReason: 'max_tokens', outputTokens: 0, thinkingTokens: 0 };
  }
  if (spoken === null) {
    const category =
      meaning.kind === 'trial' && meaning.outcome.kind === 'api_refusal' ? meaning.outcome.category : null;
    return {
      ...base,
      content: [],
      stopReason: 'refusal',
      refusalCategory: category,
      outputTokens: 0,
      thinkingTokens: 0,
    };
  }
  const thinks = isThinkingOn(request, model);
  const effort = request.output_config?.effort ?? model.defaultEffort;
  const thinking = thinks ? Math.min(request.max_tokens, thinkingTokens(draws, effort)) : 0;
  const content: ContentBlock[] = thinks ? [thinkingBlock(request, draws)] : [];
  const room = request.max_tokens - thinking;
  if (spoken.toolInput !== undefined) {
    const tool = request.tools?.[0]?.name ?? 'tool';
    const caller = { type: 'direct' } as const;
    content.push({ type: 'tool_use', id: `toolu_sim_${draws.digest}`, name: tool, input: spoken.toolInput, caller });
    const tokens = countText(JSON.stringify(spoken.toolInput), model.tokenizer);
    return { ...base, content, stopReason: 'tool_use', outputTokens: thinking + tokens, thinkingTokens: thinking };
  }
  const cut = cutText(spoken, request.stop_sequences ?? [], room, model);
  if (cut.text !== '') content.push({ type: 'text', text: cut.text, citations: null });
  return {
    ...base,
    content,
    stopReason: cut.stopReason,
    stopSequence: cut.stopSequence,
    outputTokens: thinking + Math.min(room, countText(cut.text, model.tokenizer)),
    thinkingTokens: thinking,
  };
}

/** Current models answer with a thinking block first: empty unless a summary was asked for. */
function thinkingBlock(request: MessagesRequest, draws: Draws): ContentBlock {
  const shown = request.thinking?.display === 'summarized' || request.thinking?.type === 'enabled';
  const thinking = shown ? '[synthetic thinking summary]' : '';
  return { type: 'thinking', thinking, signature: `sig_sim_${draws.digest}` };
}

type Cut = { text: string; stopReason: StopReason; stopSequence: string | null };

function cutText(spoken: Spoken, stops: readonly string[], room: number, model: SimulatedModel): Cut {
  const hits = stops.map((stop) => ({ stop, at: spoken.text.indexOf(stop) })).filter(({ at }) => at >= 0);
  const first = hits.toSorted((a, b) => a.at - b.at)[0];
  const text = first === undefined ? spoken.text : spoken.text.slice(0, first.at);
  if (countText(text, model.tokenizer) > room) {
    return { text: text.slice(0, bytesOf(room, model.tokenizer)), stopReason: 'max_tokens', stopSequence: null };
  }
  if (first !== undefined) return { text, stopReason: 'stop_sequence', stopSequence: first.stop };
  return { text, stopReason: spoken.complete ? 'end_turn' : 'max_tokens', stopSequence: null };
}
