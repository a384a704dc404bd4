import type { ExtensionView, Quote, ResolvedSweep } from '@crosscheck/contracts';
import type { ExtensionRow } from '@crosscheck/store';

export function toExtensionView(row: ExtensionRow, spec: Pick<ResolvedSweep, 'stop'>): ExtensionView {
  return {
    ordinal: row.ordinal,
    at: row.at.toISOString(),
    settledBefore: row.settledBefore,
    stateBefore: row.stateBefore,
    specHashBefore: row.specHashBefore,
    before: { prompts: row.promptsBefore, samples: row.samplesBefore },
    after: { prompts: row.promptsAfter, samples: row.samplesAfter },
    trials: row.trials,
    planned: row.plannedAt !== null,
    quote: row.quote as Quote,
    meaning: toMeaning(row, spec),
  };
}

/** Which numbers still hold. Whoever extends a sweep after seeing some of it chose its size by what was seen. */
function toMeaning(row: ExtensionRow, { stop }: Pick<ResolvedSweep, 'stop'>): string {
  const sentences =
    row.settledBefore === 0
      ? ['Decided before any trial had settled: all intervals hold as if it had been planned so.']
      : [
          `Decided after ${row.settledBefore} trials had settled, maybe by looking at them: of the intervals only the sequences, which hold at every moment, stay valid; the others and p-values do not account for that choice.`,
        ];
  if (row.samplesAfter > row.samplesBefore)
    sentences.push(
      'Sequences go on looking at the samples that were planned before the first answer; the added samples count in estimates and intervals alone.',
    );
  if (row.promptsAfter > row.promptsBefore)
    sentences.push(
      'In the sequences the added prompts follow the earlier ones: they stay valid for prompts that were drawn as the earlier ones were, and for others tell of the mixture.',
    );
  if (stop)
    sentences.push('The stopping rules are those that were fixed at the start: a cell that they ended stays ended.');
  return sentences.join(' ');
}
