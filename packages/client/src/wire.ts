/** A page of a list; `next` is the cursor of the following one, null at the end. */
export type Page<Item> = { items: Item[]; next: string | null };

/** What trials are looked for by; `text` is searched in the answers, case aside. */
export type TrialFilter = {
  outcome?: string | undefined;
  condition?: string | undefined;
  model?: string | undefined;
  prompt?: string | undefined;
  state?: string | undefined;
  grader?: string | undefined;
  label?: string | undefined;
  text?: string | undefined;
};

/** One trial with everything that belongs to it. */
export type Transcript = Record<string, unknown> & { id: string; sweep: string };

/** How the conveyor of one lane stands; counts are of jobs by their state. */
export type QueueView = Record<string, unknown>;

/** Trials that failed for good, for one cause. */
export type DeadLetterGroup = Record<string, unknown>;

export type Team = { id: string; name: string; createdAt: string };
export type ApiKey = { id: string; name: string; createdAt: string } & Record<string, unknown>;
