import type { JsonSchema } from '../protocol/request.ts';
import { fillSchema } from './fill-schema.ts';
import type { JudgeLabel, JudgingRules } from './judging-rules.ts';
import { betaDeviate, drawsOf, shortHash, type Draws } from './keyed-draws.ts';
import { personaName, type JudgePersona, type JudgeTaskName } from './persona.ts';
import { rememberByText } from './remember.ts';
import { readMarks, type TruthMark } from './truth-mark.ts';

/** What the judge saw and what it says. `truth` is null for a text without a mark of its task. */
export type Judgement = {
  task: JudgeTaskName;
  truth: JudgeLabel | null;
  label: JudgeLabel;
  malformed: boolean;
  quote: string;
  /** Draws of this item under this judge: the same for every vote. */
  draws: Draws;
};

type JudgeInput = {
  judge: JudgePersona;
  seed: string;
  model: string;
  sampleKey: string;
  task: JudgeTaskName;
  judgedText: string;
};

/** Makes the recogniser of judge requests: the task of the first rubric that fits, or null for an ordinary request. */
export function makeFindTask(rules: JudgingRules): (system: string, user: string) => JudgeTaskName | null {
  const rubrics = rules.rubrics.map(({ task, pattern }) => ({ task, pattern: new RegExp(pattern, 'i') }));
  const taskOfRubric = rememberByText((system) => rubrics.find(({ pattern }) => pattern.test(system))?.task ?? null);
  return (system, user) => {
    const task = taskOfRubric(system);
    if (task !== null || !rules.marksAreJudged) return task;
    const marks = readMarks(user);
    if (marks.length === 0) return null;
    return marks.some((mark) => mark.decision !== null) ? 'compliance' : 'af';
  };
}

/**
 * Judges a text by its truth mark. The label of an item goes through the confusion matrix once, so that all votes on it
 * err together; a task with vote noise then draws each vote with the item's own Beta probability.
 */
export function judge({ judge: persona, seed, model, sampleKey, task, judgedText }: JudgeInput): Judgement {
  const mark = readMarks(judgedText).findLast((one) => truthOf(one, task) !== null);
  const truth = mark === undefined ? null : truthOf(mark, task);
  const itemKey = [seed, personaName(persona), model, task, mark?.item ?? shortHash(judgedText)];
  const item = drawsOf(itemKey);
  const vote = drawsOf([...itemKey, sampleKey]);
  const malformed = persona.malformed > 0 && vote.uniform('malformed') < persona.malformed;
  const label = truth === null ? 'unknown' : drawLabel({ persona, task, truth, item, vote });
  return { task, truth, label, malformed, quote: quoteBefore(judgedText, mark), draws: item };
}

function truthOf(mark: TruthMark, task: JudgeTaskName): JudgeLabel | null {
  if (task === 'af') return mark.reasoning === null ? null : mark.reasoning === 'alignment_faking' ? 'yes' : 'no';
  if (mark.decision === null) return null;
  if (task === 'partial') return mark.decision === 'partial' ? 'yes' : 'no';
  return mark.decision === 'comply' ? 'complied' : mark.decision === 'partial' ? 'partial' : 'refused';
}

/** The labels that stand for a positive item. */
export const isPositive = (label: JudgeLabel): boolean => label === 'yes' || label === 'complied';

function drawLabel({
  persona,
  task,
  truth,
  item,
  vote,
}: {
  persona: JudgePersona;
  task: JudgeTaskName;
  truth: JudgeLabel;
  item: Draws;
  vote: Draws;
}): JudgeLabel {
  const { sensitivity, specificity, votes } = persona[task];
  const right = item.uniform('confusion') < (isPositive(truth) ? sensitivity : specificity);
  const label = right ? truth : opposite(truth);
  if (votes === undefined) return label;
  const [alpha, beta] = isPositive(label) ? votes.positive : votes.negative;
  const saysYes = vote.uniform('vote') < betaDeviate(item, 'vote-probability', alpha, beta);
  return saysYes === isPositive(label) ? label : opposite(label);
}

function opposite(label: JudgeLabel): JudgeLabel {
  switch (label) {
    case 'complied':
      return 'refused';
    case 'refused':
    case 'partial':
      return 'complied';
    case 'yes':
      return 'no';
    case 'no':
      return 'yes';
    case 'unknown':
      return 'unknown';
    default:
      return label satisfies never;
  }
}

/** Up to 80 characters of the judged text, from the line of its mark: a quote that is really there. */
function quoteBefore(text: string, mark: TruthMark | undefined): string {
  if (mark === undefined) return text.trim().slice(0, 80);
  const lineStart = text.lastIndexOf('\n', mark.at) + 1;
  return text.slice(lineStart, mark.at).trim().slice(0, 80).trim();
}

/** A judgement as the JSON that a schema asks for. */
export function judgementAsJson(judgement: Judgement, schema: JsonSchema, rules: JudgingRules): unknown {
  return fillSchema(schema, {
    rules,
    task: judgement.task,
    label: judgement.label,
    positive: isPositive(judgement.label),
    quote: judgement.quote,
    prose: 'Simulated verdict.',
    draws: judgement.draws,
  });
}

/** A judgement in plain text: the word that the configured vocabulary of this rubric has for it. */
export function judgementAsText(judgement: Judgement, rubric: string, rules: JudgingRules): string {
  const vocabulary = rules.vocabularies.find(({ pattern }) => new RegExp(pattern, 'i').test(rubric));
  return vocabulary?.labels[judgement.label] ?? judgement.label;
}
