import { FILTERS, type TrialFilter } from '../api/trials.ts';

/** What of an address narrows the list of trials. */
export function filterOf(search: TrialFilter): TrialFilter {
  return Object.fromEntries(
    FILTERS.flatMap((name) => (search[name] === undefined || search[name] === '' ? [] : [[name, search[name]]])),
  );
}
