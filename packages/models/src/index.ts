export { catalogProblems } from './catalog-checks.ts';
export { findModel, loadCatalog, modelCatalog } from './catalog.ts';
export type { CatalogModel, ModelCatalog, PriceRow } from './catalog-schema.ts';
