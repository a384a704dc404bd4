import type { ParseStatus, Prompt, Sampling, SweepView, TrialView, Verdict } from '@crosscheck/contracts';

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

/** Where an act has left a sweep. */
export type MovedSweep = Pick<SweepView, 'id' | 'state' | 'stateReason'>;

/** One trial with everything that belongs to it. */
export type Transcript = Omit<TrialView, 'prompt' | 'verdicts'> & {
  prompt: { id: string } & Partial<Prompt>;
  /** what was sent, and null for an import; `body` is what went over the provider's wire */
  request: { system: string | null; user: string; sampling: Sampling; body: unknown } | null;
  requestHash: string | null;
  /** whether the request as shown has the hash of the request as sent; null when nothing was sent */
  requestVerified: boolean | null;
  /** the answer as it came and as it was read */
  response:
    | (Record<string, unknown> & { text: string; visible: string; scratchpad: string | null; parseStatus: ParseStatus })
    | null;
  verdicts: Verdict[];
  /** every call that was made for it, in order, lost ones included */
  attempts: (Record<string, unknown> & { purpose: string; lane: string; code: string; costPicoUsd: string })[];
};

/** `hint` is how the key begins; the key itself is shown once, when it is made. */
export type ApiKey = {
  id: string;
  team: string;
  name: string;
  hint: string;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
};
