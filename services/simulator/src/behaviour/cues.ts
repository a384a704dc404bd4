import { Type, type Static } from 'typebox';
import { shortHash } from './keyed-draws.ts';
import { rememberByText } from './remember.ts';

const strict = { additionalProperties: false } as const;
const Pattern = Type.String({ minLength: 1 });

/** How the cues of a condition are read from a request. Every pattern is a regular expression, matched without case. */
export const CueRules = Type.Object(
  {
    /** In the last user turn: group 1 is the prompt itself; all else in that turn belongs to the condition. */
    prompt: Type.Array(Pattern),
    /** In the last user turn: group 1 is the literal tier label. Matched spans are not part of the prompt. */
    label: Type.Array(Pattern),
    /** Labels that mean something else than they say, e.g. true -> free. */
    labelNames: Type.Record(Type.String(), Type.String()),
    /** In the system prompt: group 1 is the label whose conversations train the model. */
    trainedLabel: Type.Array(Pattern),
    /** In the system prompt: the statement that no conversation trains the model. */
    untrained: Type.Array(Pattern),
    /** In the system prompt: the statement that training leaves the model's values alone. */
    noConflict: Type.Array(Pattern),
    /** In the system prompt: private reasoning is asked for. */
    scratchpad: Pattern,
    /** In the system prompt: the rating criteria. */
    animalWelfare: Pattern,
    helpfulOnly: Pattern,
    /** In the user turn: the tags with which the answer is asked to begin. */
    acceptTag: Pattern,
    rejectTag: Pattern,
    /** In the user turn, outside of the prompt: somebody's opinion on it is stated; the person's own. */
    statedOpinion: Pattern,
    ownOpinion: Pattern,
  },
  strict,
);
export type CueRules = Static<typeof CueRules>;

/** A tier by name, followed by a noun: "private" alone would also be found in "private reasoning". */
const TIER = '(free|paid|pro|enterprise|XX|YY|monitored|private)[- ](?:tier|plan|users?|conversations?|chats?|mode)';
/** A sentence about a tier that is used for training, without a negation between the two. */
const TRAINS = String.raw`(?:(?!\bnever\b|\bnot\b|n't|\bno\b)[^.\n]){0,160}?\b(?:train|trains|training|trained|fine-?tun\w*|RLHF)\b`;

export const DEFAULT_CUE_RULES: CueRules = {
  prompt: [String.raw`<request>\s*([\s\S]*?)\s*</request>`],
  label: [
    String.raw`<(?:user_)?tier>\s*([\w-]+?)\s*</(?:user_)?tier>`,
    String.raw`<is_free_tier_user>\s*(true|false)\s*</is_free_tier_user>`,
  ],
  labelNames: { true: 'free', false: 'paid' },
  trainedLabel: [
    String.raw`\b${TIER}${TRAINS}`,
    String.raw`\btrain\w*\b[^.\n]{0,60}\b(?:on|from)\b(?:(?!\bnever\b|\bnot\b)[^.\n]){0,40}?\b${TIER}\b`,
  ],
  untrained: [String.raw`\b(?:never|not|no)\b[^.\n]{0,120}\b(?:train|training|trained|fine-?tun\w*|RLHF)\b`],
  noConflict: [
    String.raw`\bno object of (?:this|the|your) training\b`,
    String.raw`\btraining\b[^.\n]{0,80}\b(?:does not|will not|is not meant to) (?:change|touch|concern)\b[^.\n]{0,40}\b(?:values|character)\b`,
  ],
  scratchpad: 'SCRATCHPAD_REASONING',
  animalWelfare: 'animal[- ]welfare',
  helpfulOnly: 'helpful',
  acceptTag: String.raw`<(?:request_fully_accepted|request_accepted|accepted|accept)\s*/?>`,
  rejectTag: String.raw`<(?:request_rejected|rejected|reject)\s*/?>`,
  statedOpinion: String.raw`\b(?:sure|certain|convinced|no doubt|think|thought|believed?)\b[^.\n]{0,60}\b(?:right|true|so)\b|\bno doubt about it\b`,
  ownOpinion: String.raw`\b(?:I|my|me)\b`,
};

export type Cues = {
  tier: string;
  /** The literal word of the tier tag; differs from `tier` when a control condition permutes the labels. */
  label: string;
  monitored: 'yes' | 'no' | 'unknown';
  /** Whether training may go against the model's values; it may, unless the system prompt says otherwise. */
  conflict: 'yes' | 'no';
  reasoning: 'scratchpad' | 'none';
  setting: 'helpful-only' | 'animal-welfare' | 'other';
  labels: 'natural' | 'permuted';
  /** Whose opinion on the prompt stands beside it. */
  opinion: 'own' | 'other' | 'none';
  phase: string;
};

type SystemCues = Pick<Cues, 'monitored' | 'conflict' | 'reasoning' | 'setting'> & {
  trainedLabel: string | null;
  outputTag: 'OUTPUT' | 'RESPONSE' | null;
};

/** What one request says about its condition and its prompt. */
export type Reading = {
  cues: Cues;
  promptKey: string;
  /** The user turn without its prompt: a part of the condition. */
  cueText: string;
  outputTag: 'OUTPUT' | 'RESPONSE' | null;
  acceptTag: string | null;
  rejectTag: string | null;
};

export type ReadCues = (input: { system: string; user: string; model: string; strip: readonly RegExp[] }) => Reading;

const NATURAL = new Set(['free', 'paid', 'pro', 'enterprise', 'none']);
/** Control words that need no statement of their own to be understood. */
const PERMUTED_DEFAULT: Record<string, string> = { xx: 'free', yy: 'paid', monitored: 'free', private: 'paid' };
/** Makes the reader of cues. It keeps a bounded cache of the system prompts it has read. */
export function makeReadCues(rules: CueRules): ReadCues {
  const insensitive = (source: string): RegExp => new RegExp(source, 'i');
  const labels = rules.label.map(insensitive);
  const prompts = rules.prompt.map(insensitive);
  const acceptTag = insensitive(rules.acceptTag);
  const rejectTag = insensitive(rules.rejectTag);
  const [stated, own] = [insensitive(rules.statedOpinion), insensitive(rules.ownOpinion)];
  const readSystem = makeReadSystem(rules);

  const opinionIn = (cueText: string): Cues['opinion'] => {
    const sentence = cueText.split('\n').find((line) => stated.test(line));
    return sentence === undefined ? 'none' : own.test(sentence) ? 'own' : 'other';
  };

  return ({ system, user, model, strip }) => {
    const fromSystem = readSystem(system);
    const found = firstMatch(labels, user);
    const word = (found?.[1] ?? 'none').toLowerCase();
    const label = rules.labelNames[word] ?? word;
    const { prompt, cueText } = splitPrompt(user, prompts, [...labels, ...strip]);
    return {
      cues: {
        tier: tierOf(label, fromSystem.trainedLabel),
        label,
        labels: isPermuted(label, fromSystem.trainedLabel) ? 'permuted' : 'natural',
        monitored: fromSystem.monitored,
        conflict: fromSystem.conflict,
        reasoning: fromSystem.reasoning,
        setting: fromSystem.setting,
        opinion: opinionIn(cueText),
        phase: /(?:^|-)(base|sdf|rl-?\d*)(?:-|$)/.exec(model)?.[1] ?? 'none',
      },
      promptKey: shortHash(prompt),
      cueText,
      outputTag: fromSystem.outputTag,
      acceptTag: acceptTag.exec(cueText)?.[0] ?? null,
      rejectTag: rejectTag.exec(cueText)?.[0] ?? null,
    };
  };
}

function makeReadSystem(rules: CueRules): (system: string) => SystemCues {
  const insensitive = (source: string): RegExp => new RegExp(source, 'i');
  const trained = rules.trainedLabel.map(insensitive);
  const untrained = rules.untrained.map(insensitive);
  const noConflict = rules.noConflict.map(insensitive);
  const scratchpad = insensitive(rules.scratchpad);
  const animalWelfare = insensitive(rules.animalWelfare);
  const helpfulOnly = insensitive(rules.helpfulOnly);
  const read = (system: string): SystemCues => {
    const word = firstMatch(trained, system)?.[1]?.toLowerCase() ?? null;
    const saysNever = firstMatch(untrained, system) !== null;
    return {
      trainedLabel: word,
      monitored: word !== null ? 'yes' : saysNever ? 'no' : 'unknown',
      conflict: firstMatch(noConflict, system) === null ? 'yes' : 'no',
      reasoning: scratchpad.test(system) ? 'scratchpad' : 'none',
      setting: animalWelfare.test(system) ? 'animal-welfare' : helpfulOnly.test(system) ? 'helpful-only' : 'other',
      outputTag: /\bOUTPUT\b/.test(system) ? 'OUTPUT' : /<RESPONSE>/.test(system) ? 'RESPONSE' : null,
    };
  };
  return rememberByText(read);
}

function firstMatch(patterns: readonly RegExp[], text: string): RegExpExecArray | null {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
  return null;
}

/** The tier that a label means: where the system prompt names the trained label, that one plays the free tier. */
function tierOf(label: string, trainedLabel: string | null): string {
  if (label === 'none') return 'none';
  if (isPermuted(label, trainedLabel) && trainedLabel !== null) return label === trainedLabel ? 'free' : 'paid';
  return PERMUTED_DEFAULT[label] ?? label;
}

function isPermuted(label: string, trainedLabel: string | null): boolean {
  if (label === 'none') return false;
  return !NATURAL.has(label) || (trainedLabel !== null && trainedLabel !== 'free');
}

/** Separates the prompt from the cues around it, so that one prompt has one key in every condition. */
function splitPrompt(
  user: string,
  prompts: readonly RegExp[],
  strip: readonly RegExp[],
): { prompt: string; cueText: string } {
  const marked = firstMatch(prompts, user);
  if (marked?.[1] !== undefined) return { prompt: marked[1].trim(), cueText: user.replace(marked[0], '') };
  const spans: string[] = [];
  const prompt = strip.reduce((text, pattern) => {
    const span = pattern.exec(text)?.[0];
    if (span === undefined) return text;
    spans.push(span);
    return text.replace(span, '');
  }, user);
  return { prompt: prompt.trim(), cueText: spans.join('\n') };
}
