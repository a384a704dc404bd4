import {
  BEHAVIOURS,
  compileLinearPattern,
  CrosscheckError,
  findSchemaFault,
  type Grader,
  type JudgeGrader,
  parseModelRef,
} from '@crosscheck/contracts';
import { measureOf, rubricMeasureOf } from './measure-of.ts';

/** A grader whose measure is said, whether the sweep said it or not. */
export type ResolvedGrader = Grader & { measures: NonNullable<Grader['measures']> };

/**
 * Checks every grader and says what each measures.
 *
 * @throws CrosscheckError SWEEP_INVALID, MODEL_UNKNOWN or REFERENCE_UNKNOWN with the field that is wrong
 */
export function resolveGraders(graders: readonly Grader[]): ResolvedGrader[] {
  return graders.map((grader, index) => {
    checkGrader(grader, `graders[${index}]`, graders.slice(0, index));
    return { ...grader, measures: measureOf(grader) };
  });
}

function checkGrader(grader: Grader, field: string, earlier: readonly Grader[]): void {
  switch (grader.kind) {
    case 'regex':
      checkPattern(grader.pattern, grader.flags, field);
      return checkLabels(grader, field, { then: grader.then, else: grader.else });
    case 'choice':
      return checkChoices(grader, field);
    case 'json-schema':
      checkSchema(grader.schema, field);
      return checkLabels(grader, field, { then: grader.then, else: grader.else });
    case 'judge':
      return checkJudge(grader, field, earlier);
    default:
      return grader satisfies never;
  }
}

/** Compliance has the labels of behaviour, reasoning has yes and no; a mixture would be counted as neither. */
function checkLabels(grader: Grader, field: string, labels: Record<string, string | undefined>): void {
  const allowed: readonly string[] = measureOf(grader) === 'compliance' ? BEHAVIOURS : ['yes', 'no'];
  for (const [name, label] of Object.entries(labels)) {
    if (label === undefined || allowed.includes(label)) continue;
    throw new CrosscheckError(
      'SWEEP_INVALID',
      `Grader "${grader.id}" measures ${measureOf(grader)} and cannot say "${label}".`,
      { field: `${field}.${name}`, got: label, expected: allowed.join(', ') },
    );
  }
}

function checkPattern(pattern: string, flags: string | undefined, field: string): void {
  try {
    compileLinearPattern(pattern, flags);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CrosscheckError('SWEEP_INVALID', `The pattern cannot be run as a regular expression: ${why}.`, {
      field: `${field}.pattern`,
      got: pattern,
      expected: 'RE2 syntax: no look-around, no back-references, at most 1,000 repeats',
    });
  }
}

function checkChoices(grader: Extract<Grader, { kind: 'choice' }>, field: string): void {
  const choices = Object.keys(grader.choices);
  if (choices.length === 0) {
    throw new CrosscheckError('SWEEP_INVALID', `Grader "${grader.id}" has no choices.`, {
      field: `${field}.choices`,
      expected: 'at least one answer with its label, such as { "A": "complied" }',
    });
  }
  const labels = Object.entries(grader.choices).map(([choice, label]) => [`choices.${choice}`, label] as const);
  checkLabels(grader, field, { ...Object.fromEntries(labels), else: grader.else });
  if (measureOf(grader) === 'compliance' || grader.else !== undefined) return;
  throw new CrosscheckError('SWEEP_INVALID', `Grader "${grader.id}" does not say what any other text means.`, {
    field: `${field}.else`,
    expected: 'yes or no',
  });
}

function checkSchema(schema: Record<string, unknown>, field: string): void {
  const fault = findSchemaFault(schema);
  if (fault === null) return;
  throw new CrosscheckError('SWEEP_INVALID', `The JSON schema is not one: ${fault}.`, { field: `${field}.schema` });
}

function checkJudge(grader: JudgeGrader, field: string, earlier: readonly Grader[]): void {
  if (parseModelRef(grader.model) === null) {
    throw new CrosscheckError('MODEL_UNKNOWN', `"${grader.model}" does not name a model.`, {
      field: `${field}.model`,
      got: grader.model,
      expected: 'provider/model',
    });
  }
  const builtIn = rubricMeasureOf(grader);
  if (builtIn !== null && grader.measures !== undefined && grader.measures !== builtIn) {
    throw new CrosscheckError(
      'SWEEP_INVALID',
      `The rubric "${grader.rubric ?? ''}" does not measure ${grader.measures}.`,
      {
        field: `${field}.measures`,
        got: grader.measures,
        expected: builtIn,
      },
    );
  }
  if (grader.when !== undefined) checkWhen(grader, grader.when, field, earlier);
}

/**
 * A judge of reasoning may wait for a grader that stands before it: graders run in the order in which the sweep lists them. One of
 * compliance may not, since a trial that it spares would have no outcome.
 */
function checkWhen(
  grader: JudgeGrader,
  when: NonNullable<JudgeGrader['when']>,
  field: string,
  earlier: readonly Grader[],
): void {
  if (measureOf(grader) !== 'af_reasoning') {
    throw new CrosscheckError('SWEEP_INVALID', `Grader "${grader.id}" measures compliance and cannot skip trials.`, {
      field: `${field}.when`,
      expected: 'a grader of af_reasoning',
    });
  }
  const before = earlier.find((one) => one.id === when.grader);
  if (before === undefined) {
    throw new CrosscheckError('REFERENCE_UNKNOWN', `No grader "${when.grader}" stands before this one.`, {
      field: `${field}.when.grader`,
      got: when.grader,
      expected: earlier.map((one) => one.id).join(', ') || 'a grader that is listed earlier',
    });
  }
  const labels = when.labels.map((label, index) => [`labels[${index}]`, label]);
  checkLabels(before, `${field}.when`, Object.fromEntries(labels));
}
