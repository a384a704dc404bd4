import type { SimulatedModel, ThinkingType } from '../model-facts.ts';
import { ApiError } from '../protocol/api-error.ts';

const THINKING_TYPES: readonly ThinkingType[] = ['adaptive', 'enabled', 'disabled', 'between_tools'];
const LAUNCHED = '2026-01-01T00:00:00Z';

/** A model as `GET /v1/models/:id` shows it. Retired models are shown too: their lifecycle says so. */
function modelBody(model: SimulatedModel): object {
  const supported = (value: boolean): object => ({ supported: value });
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: LAUNCHED,
    lifecycle: model.retired ? 'retired' : 'active',
    deprecated_at: null,
    retires_at: null,
    line: model.line,
    max_input_tokens: model.contextTokens,
    max_tokens: model.maxOutputTokens,
    capabilities: {
      batch: supported(false),
      effort: supported(model.thinking.types.includes('adaptive')),
      structured_outputs: supported(true),
      thinking: {
        supported: model.thinking.types.length > 0,
        types: Object.fromEntries(THINKING_TYPES.map((type) => [type, supported(model.thinking.types.includes(type))])),
      },
    },
  };
}

/** `GET /v1/models`: a page of the list that starts after `after_id`. */
export function modelsPage(models: ReadonlyMap<string, SimulatedModel>, query: URLSearchParams): object {
  const all = [...new Set(models.values())].filter((model) => !model.retired);
  const after = query.get('after_id');
  const from = after === null ? 0 : all.findIndex((model) => model.id === after) + 1;
  const limit = Math.min(1_000, Math.max(1, Number(query.get('limit') ?? 20) || 20));
  const page = all.slice(from, from + limit);
  return {
    data: page.map(modelBody),
    has_more: from + limit < all.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

/** @throws ApiError 404 */
export function modelById(models: ReadonlyMap<string, SimulatedModel>, id: string): object {
  const model = models.get(id);
  if (model === undefined) throw new ApiError(404, 'not_found_error', `model: ${id}`);
  return modelBody(model);
}
