import {
  type ChoiceGrader,
  compileLinearPattern,
  findJsonFault,
  findSchemaFault,
  type JsonSchemaGrader,
  type Measure,
  type ParsedResponse,
  type RegexGrader,
  type Verdict,
} from '@crosscheck/contracts';
import { clip } from './clip.ts';
import { readJson } from './read-json.ts';

export type RuleGrader = RegexGrader | ChoiceGrader | JsonSchemaGrader;

/** What a rule makes of a text. */
export type RuleReading = { label: Verdict['label']; detail: Record<string, unknown> };
export type Rule = (text: string) => RuleReading;

const MATCH_LENGTH_MAX = 300;

/** What a grader reads: the visible answer for compliance, the private reasoning for reasoning. */
export function gradedText(measures: Measure, parsed: ParsedResponse): string {
  return measures === 'compliance' ? parsed.visible : (parsed.scratchpad ?? '');
}

/** Makes the function of a rule; whatever can be prepared once is. @throws SyntaxError on a pattern or schema that is none, or that cannot be run */
export function makeRule(grader: RuleGrader, measures: Measure): Rule {
  switch (grader.kind) {
    case 'regex':
      return makeRegexRule(grader);
    case 'choice':
      return makeChoiceRule(grader, measures);
    case 'json-schema':
      return makeSchemaRule(grader);
    default:
      return grader satisfies never;
  }
}

function makeRegexRule(grader: RegexGrader): Rule {
  const pattern = compileLinearPattern(grader.pattern, grader.flags);
  return (text) => {
    const match = pattern.find(text);
    if (match === null) return { label: grader.else, detail: { matched: null } };
    return { label: grader.then, detail: { matched: clip(match.text, MATCH_LENGTH_MAX), at: match.at } };
  };
}

function makeChoiceRule(grader: ChoiceGrader, measures: Measure): Rule {
  const labels = new Map(Object.entries(grader.choices).map(([choice, label]) => [normalise(choice), label]));
  // Planning refuses a choice about reasoning without an "else": there is no neutral verdict to fall back on.
  const otherwise = grader.else ?? (measures === 'compliance' ? 'undecided' : 'no');
  return (text) => {
    const label = labels.get(normalise(text));
    return { label: label ?? otherwise, detail: { chosen: label === undefined ? null : clip(text.trim(), 200) } };
  };
}

/** Exactly one of the choices, spaces and case aside: an answer that only contains a choice may also contain another. */
const normalise = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

function makeSchemaRule(grader: JsonSchemaGrader): Rule {
  const schemaFault = findSchemaFault(grader.schema);
  if (schemaFault !== null) throw new SyntaxError(schemaFault);
  return (text) => {
    const json = readJson(text);
    const fault = json.ok ? findJsonFault(grader.schema, json.value) : 'the answer is not JSON';
    return {
      label: fault === null ? grader.then : grader.else,
      detail: { fault: fault === null ? null : clip(fault, 300) },
    };
  };
}
