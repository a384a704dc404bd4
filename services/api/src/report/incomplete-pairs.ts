import type { IncompletePairs, ResolvedSweep } from '@crosscheck/contracts';
import type { PromptMark } from '@crosscheck/store';
import type { AnsweredCell } from '../answers/answered-cells.ts';

/** Ids that are listed of each arm; `total` counts all. */
const LISTED_MAX = 100;

/**
 * The prompts that a gap leaves out because only one of its arms answered them: which ones they are may say why. Graders that leave out
 * the same prompts stand together.
 *
 * @param prompts of the dataset, by their ordinals
 */
export function listIncompletePairs(
  { models, graders, contrasts }: Pick<ResolvedSweep, 'models' | 'graders' | 'contrasts'>,
  cells: readonly AnsweredCell[],
  prompts: readonly PromptMark[],
): IncompletePairs[] {
  const cellOf = new Map(cells.map((cell) => [JSON.stringify([cell.model, cell.grader, cell.condition]), cell]));
  return contrasts.flatMap(({ id, treatment, control }) =>
    models.flatMap((model) => {
      const found = graders.flatMap((grader) => {
        const [one, other] = [treatment, control].map((condition) =>
          cellOf.get(JSON.stringify([model, grader.id, condition])),
        );
        if (!one || !other) return [];
        const [onlyTreatment, onlyControl] = [without(one, other, prompts), without(other, one, prompts)];
        const total = onlyTreatment.length + onlyControl.length;
        return total === 0 ? [] : [{ grader: grader.id, onlyTreatment, onlyControl, total }];
      });
      const alike = Map.groupBy(found, (each) => JSON.stringify([each.onlyTreatment, each.onlyControl]));
      return [...alike.values()].flatMap((group) => {
        const [first] = group;
        if (!first) return [];
        const { onlyTreatment, onlyControl, total } = first;
        return {
          contrast: id,
          treatment,
          control,
          model,
          graders: group.map(({ grader }) => grader),
          total,
          onlyTreatment: onlyTreatment.slice(0, LISTED_MAX),
          onlyControl: onlyControl.slice(0, LISTED_MAX),
        };
      });
    }),
  );
}

/** Ids of the prompts with a valid sample in one cell and none in the other. */
function without(one: AnsweredCell, other: AnsweredCell, prompts: readonly PromptMark[]): string[] {
  return prompts.flatMap(({ id }, ordinal) =>
    (one.tallies[ordinal]?.valid ?? 0) > 0 && (other.tallies[ordinal]?.valid ?? 0) === 0 ? [id] : [],
  );
}
