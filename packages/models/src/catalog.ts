import { Value } from 'typebox/value';
import { catalogProblems } from './catalog-checks.ts';
import document from './catalog.json' with { type: 'json' };
import { type CatalogModel, ModelCatalog } from './catalog-schema.ts';

/**
 * Reads a catalogue document.
 *
 * @throws Error when it does not fit the schema or contradicts itself; the message names every problem found
 */
export function loadCatalog(source: unknown): ModelCatalog {
  if (!Value.Check(ModelCatalog, source)) {
    const errors = Value.Errors(ModelCatalog, source).map((error) => `${error.instancePath} ${error.message}`);
    throw new Error(`The model catalogue does not fit its schema: ${errors.slice(0, 5).join('; ')}`);
  }
  const problems = catalogProblems(source);
  if (problems.length > 0) throw new Error(`The model catalogue contradicts itself: ${problems.join('; ')}`);
  return source;
}

/** The models we know: lifecycle, limits, capabilities and dated prices, with the source of each row. Planning defaults, not a live view. */
export const modelCatalog: ModelCatalog = loadCatalog(document);

const byName: ReadonlyMap<string, CatalogModel> = new Map(
  modelCatalog.models.flatMap((model) => [model.id, ...model.aliases].map((name) => [name, model] as const)),
);

/** A model of the catalogue by its id or one of its aliases; null when it is not in it. */
export function findModel(id: string): CatalogModel | null {
  return byName.get(id) ?? null;
}
