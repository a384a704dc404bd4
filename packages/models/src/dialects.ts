import type { Dialect } from '@crosscheck/contracts';

/** The last `anthropic-version` that takes temperature, top_p and top_k; it knows the key as `x-api-key`. */
export const SAMPLING_API_VERSION = '2023-06-01';

/** What differs between servers that are otherwise spoken to alike. */
export type DialectTraits = {
  /** the Messages protocol or chat completions */
  protocol: 'messages' | 'chat-completions';
  /** takes cache breakpoints, thinking and effort; open-weight servers ignore them without a word */
  managesThinking: boolean;
  /** sampling parameters are always taken, whatever the model */
  takesSampling: boolean;
  takesTopK: boolean;
  takesSeed: boolean;
  /** where a JSON schema for the answer goes; null: the route has no place for one */
  outputSchemaIn: 'output_config' | 'response_format' | null;
  /** names the model that answered. llama.cpp serves one model under whatever name was asked for. */
  echoesModel: boolean;
  /** always counts tokens; the others may leave usage out */
  alwaysCounts: boolean;
};

/**
 * vLLM: vllm/entrypoints/anthropic/protocol.py. llama.cpp: its Messages route is turned into a chat completion, which carries
 * temperature, top_p, top_k and stop and drops everything else (tools/server/server-chat.cpp).
 */
export const DIALECT_TRAITS: Readonly<Record<Dialect, DialectTraits>> = {
  anthropic: {
    protocol: 'messages',
    managesThinking: true,
    takesSampling: false,
    takesTopK: true,
    takesSeed: false,
    outputSchemaIn: 'output_config',
    echoesModel: true,
    alwaysCounts: true,
  },
  vllm: {
    protocol: 'messages',
    managesThinking: false,
    takesSampling: true,
    takesTopK: true,
    takesSeed: false,
    outputSchemaIn: 'output_config',
    echoesModel: true,
    alwaysCounts: false,
  },
  llamacpp: {
    protocol: 'messages',
    managesThinking: false,
    takesSampling: true,
    takesTopK: true,
    takesSeed: false,
    outputSchemaIn: null,
    echoesModel: false,
    alwaysCounts: false,
  },
  openai: {
    protocol: 'chat-completions',
    managesThinking: false,
    takesSampling: true,
    takesTopK: false,
    takesSeed: true,
    outputSchemaIn: 'response_format',
    echoesModel: true,
    alwaysCounts: false,
  },
};
