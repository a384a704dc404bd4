/** Ids are branded strings, so that a trial's id cannot be handed to something that wants a sweep's. */
type Brand<Name extends string> = string & { readonly __brand: Name };

export type TeamId = Brand<'team'>;
export type SweepId = Brand<'sweep'>;
export type DatasetId = Brand<'dataset'>;
/** A trial's id is a whole number in Postgres and travels as its decimal text. */
export type TrialId = Brand<'trial'>;
/** `<provider>/<pool>`: one provider account and one pool of its limits. */
export type LaneId = Brand<'lane'>;

/** `provider/model`, as a sweep names a model. */
export type ModelRef = { provider: string; model: string };

/**
 * Splits `provider/model` at its first slash: open-weight model names hold slashes of their own.
 *
 * @returns null when a side is missing
 */
export function parseModelRef(text: string): ModelRef | null {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) return null;
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}
