export { catalogProblems } from './catalog-checks.ts';
export { findModel, loadCatalog, modelCatalog } from './catalog.ts';
export type { CatalogModel, ModelCatalog, PriceRow } from './catalog-schema.ts';
export { type Cost, type CostQuestion, costPicoUsd, type PicoRates, priceOf, promptTokensOf } from './prices.ts';
