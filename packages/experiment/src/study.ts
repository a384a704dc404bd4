import type { Condition, Contrast, Grader, JsonSchema, Prompt, Sampling, SweepSpec } from '@crosscheck/contracts';

/** What a study puts where a sweep says nothing. */
export type StudyFill = {
  conditions: Condition[];
  graders: Grader[];
  contrasts: Contrast[];
  sampling: Sampling;
  samples: number;
  prompts: Prompt[];
};

/** A ready-made experiment. A sweep names it by its id, chooses among its options and overrides any field. */
export type Study = {
  id: string;
  title: string;
  /** what it asks and how, in a few sentences */
  description: string;
  /** a JSON schema of `options` */
  optionsSchema: JsonSchema;
  /**
   * Fills what the sweep leaves out; what the sweep says itself is seen, so that graders and contrasts fit its own conditions.
   *
   * @throws CrosscheckError SWEEP_INVALID when an option is not understood
   */
  fill(spec: SweepSpec): StudyFill;
};

export type FindStudy = (id: string) => Study | null;
