import { CrosscheckError, type ModelLabels } from '@crosscheck/contracts';

/**
 * Checks the checkpoints that a sweep names among its models.
 *
 * @throws CrosscheckError REFERENCE_UNKNOWN for a model that the sweep does not have, SWEEP_INVALID for a step that is no finite number of at
 *   least 0 or a family without a name, ID_DUPLICATE for a step that two models of one family have
 */
export function resolveModelLabels(labels: ModelLabels, models: readonly string[]): ModelLabels {
  const seen = new Map<string, string>();
  for (const [model, { family, step }] of Object.entries(labels)) {
    const field = `modelLabels[${JSON.stringify(model)}]`;
    if (!models.includes(model)) {
      throw new CrosscheckError('REFERENCE_UNKNOWN', `The sweep has no model "${model}".`, {
        field,
        got: model,
        expected: models.join(', '),
      });
    }
    if (family.trim() === '') {
      throw new CrosscheckError('SWEEP_INVALID', `The family of "${model}" has no name.`, {
        field: `${field}.family`,
        got: family,
      });
    }
    if (!Number.isFinite(step) || step < 0) {
      throw new CrosscheckError('SWEEP_INVALID', `The step of "${model}" is ${step}.`, {
        field: `${field}.step`,
        got: String(step),
        expected: 'a finite number of at least 0',
      });
    }
    const place = JSON.stringify([family, step]);
    const other = seen.get(place);
    if (other !== undefined) {
      throw new CrosscheckError(
        'ID_DUPLICATE',
        `"${other}" and "${model}" are both step ${step} of the family "${family}": a curve has one model a step.`,
        { field: `${field}.step`, got: step },
      );
    }
    seen.set(place, model);
  }
  return labels;
}
