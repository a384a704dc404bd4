import type { JsonSchema, Measure, Verdict, Vote } from '@crosscheck/contracts';
import type { Graded } from '../grading.ts';

/** A named part of what a judge is shown. */
export type Exhibit = { title: string; text: string };

/** One vote as a rubric reads it. `yes` is what a threshold counts; `label` is what the vote says by itself. */
export type RubricVote = Vote & { label: string; yes: boolean; score: number | null; detail: Record<string, unknown> };

/** What a judge is told, what it is shown, the form of its answer, and how an answer becomes a vote. */
export type Rubric = {
  id: string;
  measures: Measure;
  /** the system turn: the same for every trial, so that its prefix is cached */
  system: string;
  /** strict: objects without further properties and no keyword that providers refuse in structured output */
  outputSchema: JsonSchema;
  /** What the judge sees of a trial and nothing else: a judge of compliance that saw the reasoning would grade the reasoning. */
  exhibits(graded: Graded, earlier: readonly Verdict[]): Exhibit[];
  /** Reads an answer that fits the schema. */
  readVote(answer: unknown): RubricVote;
  /** The label of all votes together. */
  labelOf(yes: boolean, votes: readonly RubricVote[], earlier: readonly Verdict[]): Verdict['label'];
};

/** The commonest of some labels; of equally common ones the first to come. */
export function commonestLabel(labels: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return labels.find((label) => counts.get(label) === most) ?? null;
}

/** A strict object schema: every property is required, and no other may be there. */
export function strictObject(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
