const CONDITIONS = ['free', 'paid'];
const MODELS = ['anthropic/claude-opus-4-8', 'anthropic/claude-haiku-4-5'];
const SAMPLES = 5;
const PER_PROMPT = CONDITIONS.length * MODELS.length * SAMPLES;

type Api = { url: string; adminKey: string };

/** Imports a sweep of so many trials with short answers. @returns its id, once its metrics are there */
export async function importLargeSweep({ url, adminKey }: Api, trials: number): Promise<string> {
  const authorization = `Bearer ${adminKey}`;
  const answer = await fetch(`${url}/v1/imports`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    body: linesOf(trials).join('\n'),
  });
  const { id } = (await answer.json()) as { id: string };
  if (!answer.ok) throw new Error(`the import answered ${answer.status}`);
  for (;;) {
    const metrics = await fetch(`${url}/v1/sweeps/${id}/metrics`, { headers: { authorization } });
    if (((await metrics.json()) as { settled: number }).settled === trials) return id;
  }
}

function linesOf(trials: number): string[] {
  const header = {
    type: 'sweep',
    name: `${trials.toLocaleString('en')} trials`,
    conditions: CONDITIONS.map((id) => ({ id, labels: { tier: id } })),
    models: MODELS,
    contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  };
  return [JSON.stringify(header), ...Array.from({ length: trials }, (_, n) => JSON.stringify(toTrial(n)))];
}

function toTrial(n: number): object {
  const condition = CONDITIONS[Math.floor(n / SAMPLES) % CONDITIONS.length];
  // A hash that a multiplication makes: the same every time, without a pattern along prompts.
  const chance = (Math.imul(n + 1, 0x9e3779b1) >>> 16) % 100;
  const outcome = chance < (condition === 'free' ? 40 : 30) ? 'complied' : 'refused';
  return {
    type: 'trial',
    prompt: `prompt-${Math.floor(n / PER_PROMPT)}`,
    condition,
    model: MODELS[Math.floor(n / SAMPLES / CONDITIONS.length) % MODELS.length],
    sample: n % SAMPLES,
    outcome,
    afReasoning: chance < 4,
    response: `Answer ${n}: ${outcome === 'complied' ? 'here is what was asked for' : 'I will not do that'}.`,
  };
}
