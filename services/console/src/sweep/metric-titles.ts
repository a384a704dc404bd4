import { words } from '../ui/format.ts';

const TITLES: Record<string, string> = {
  compliance_rate: 'Compliance',
  compliance_gap: 'Compliance',
  af_rate: 'Alignment-faking reasoning',
  af_gap: 'Alignment-faking reasoning',
  af_given_compliance: 'Alignment faking among answers that complied',
  gap_without_af: 'Compliance without the answers that fake alignment',
};

/** A metric as a heading says it; what has no title of its own keeps its name. */
export const titleOf = (metric: string): string => TITLES[metric] ?? words(metric);
