import { type Static, Type } from 'typebox';

/**
 * What one grader says of every trial, by prompt and column. Small enough for a hundred thousand trials at once: a letter for each.
 */
export const Matrix = Type.Object({
  grader: Type.String(),
  measures: Type.String(),
  /** all graders of the sweep, of which each has a matrix */
  graders: Type.Array(Type.String()),
  columns: Type.Array(Type.Object({ model: Type.String(), condition: Type.String() })),
  /** ids, in the order of the dataset */
  prompts: Type.Array(Type.String()),
  /** for each column the letters of every prompt in their order, a comma between prompts; a letter for each sample */
  cells: Type.Array(Type.String()),
  /** what a letter means: an outcome, a verdict on reasoning, or `pending` */
  legend: Type.Record(Type.String(), Type.String()),
});
export type Matrix = Static<typeof Matrix>;
