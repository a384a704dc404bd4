import type { Dataset, Prompt } from '@crosscheck/contracts';
import type { Http } from './http.ts';
import { toNdjson } from './ndjson.ts';
import { eachItem } from './pages.ts';
import { postNdjson } from './upload.ts';
import type { Page } from './wire.ts';

export type DatasetsApi = {
  /**
   * Uploads prompts under a name, streamed. Versioned by content: the same prompts are the same version.
   *
   * @param prompts prompts one by one, or bytes that are NDJSON already
   */
  upload(
    name: string,
    prompts: AsyncIterable<Prompt> | Iterable<Prompt> | { ndjson: AsyncIterable<Uint8Array> },
  ): Promise<Dataset>;
  list(): AsyncGenerator<Dataset, void, undefined>;
  get(id: string): Promise<Dataset>;
};

export function makeDatasetsApi(http: Http): DatasetsApi {
  return {
    upload: (name, prompts) =>
      postNdjson(http, '/v1/datasets', 'ndjson' in prompts ? prompts.ndjson : toNdjson(prompts), { query: { name } }),
    list: () => eachItem((after) => http.json<Page<Dataset>>('/v1/datasets', { query: { after } })),
    get: (id) => http.json(`/v1/datasets/${encodeURIComponent(id)}`),
  };
}
