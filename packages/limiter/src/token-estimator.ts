import type { CallEstimate, ModelRequest, Usage } from '@crosscheck/contracts';

/** `cellKey`: calls under one key resemble each other in length and share a cached prefix. */
export type EstimatedCall = { model: string; cellKey: string; request: ModelRequest };

/** `isPrefixWarm`: whether the system prompt is known to be in the provider's cache; without it the share that a cell's calls had is taken. */
export type CallToEstimate = EstimatedCall & { isPrefixWarm?: boolean | null };

export type TokenEstimator = {
  /** What a call will probably take: input tokens that count, output tokens. Whole numbers, never below 1. */
  estimate(call: CallToEstimate): CallEstimate;
  /** Learns from what a call really took. */
  learn(call: EstimatedCall & { usage: Usage }): void;
};

/** English prose has three to four bytes a token, by the tokenizer. The first calls of a model are taken for more than that: too much comes back. */
const TOKENS_PER_BYTE = 0.4;
/** Tokens of a message's frame, which has no bytes of ours. */
const FRAME_TOKENS = 8;
/** Output of a first call about which nothing is known yet. */
const OUTPUT_TOKENS = 400;
/** How much the latest call weighs, once there are enough for an average. */
const WEIGHT_MIN = 0.1;
/** Cells that are remembered; the least recently learned are forgotten. */
const CELLS_MAX = 10_000;

type Mean = { value: number; n: number };

/**
 * Makes an estimator that learns how many tokens a byte of each model is, which share of a cell's input counts (what is read from a
 * cache does not), and how long a cell's answers are. In memory of one process: wrong estimates cost nothing lasting, because every
 * call is settled with what it took.
 */
export function makeTokenEstimator(): TokenEstimator {
  const tokensPerByte = new Map<string, Mean>();
  const countedShare = new Map<string, Mean>();
  const outputOfCell = new Map<string, Mean>();
  const outputOfModel = new Map<string, Mean>();

  return {
    estimate({ model, cellKey, request, isPrefixWarm = null }) {
      const perByte = tokensPerByte.get(model)?.value ?? TOKENS_PER_BYTE;
      const counted = bytesOf(isPrefixWarm === true ? { ...request, system: null } : request) * perByte + FRAME_TOKENS;
      const cell = `${model}\n${cellKey}`;
      const share = isPrefixWarm === null ? (countedShare.get(cell)?.value ?? 1) : 1;
      const output = outputOfCell.get(cell)?.value ?? outputOfModel.get(model)?.value ?? OUTPUT_TOKENS;
      return {
        inputTokens: Math.max(1, Math.round(counted * share)),
        outputTokens: Math.max(1, Math.round(Math.min(output, request.sampling.maxTokens ?? Infinity))),
      };
    },
    learn({ model, cellKey, request, usage }) {
      const counted = usage.uncached + usage.cacheWrite5m + usage.cacheWrite1h;
      const all = counted + usage.cacheRead;
      const cell = `${model}\n${cellKey}`;
      average(tokensPerByte, model, Math.max(0, all - FRAME_TOKENS) / Math.max(1, bytesOf(request)));
      if (all > 0) average(countedShare, cell, counted / all);
      average(outputOfCell, cell, usage.output);
      average(outputOfModel, model, usage.output);
    },
  };
}

/** The mean of the first calls, then an exponentially weighted one. The key moves to the end: the map is ordered by last use. */
function average(means: Map<string, Mean>, key: string, value: number): void {
  const old = means.get(key) ?? { value: 0, n: 0 };
  const n = old.n + 1;
  means.delete(key);
  means.set(key, { n, value: old.value + (value - old.value) * Math.max(1 / n, WEIGHT_MIN) });
  if (means.size > CELLS_MAX) means.delete(means.keys().next().value as string);
}

function bytesOf({ system, user, outputSchema }: ModelRequest): number {
  const schema = outputSchema ? Buffer.byteLength(JSON.stringify(outputSchema)) : 0;
  return Buffer.byteLength(system ?? '') + Buffer.byteLength(user) + schema;
}
