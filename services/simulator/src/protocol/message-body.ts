import type { Reply } from '../behaviour/respond.ts';
import type { InputSplit } from '../state/prompt-cache.ts';
import type { BodyInput, WireBody } from '../wires/wire.ts';

/** The body of a Messages answer. The older version leaves out what is null; the newer one always says it. */
export function messageBody(reply: Reply, { model, split, version }: BodyInput): WireBody {
  const details = reply.stopReason === 'refusal' ? refusalDetails(reply.refusalCategory) : null;
  const thinking = reply.thinkingTokens > 0 ? { thinking_tokens: reply.thinkingTokens } : null;
  const body = {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model,
    content: reply.content,
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
  };
  const usage = usageBody(reply.outputTokens, split);
  if (version === '2026-10-21') {
    return {
      ...body,
      stop_details: details,
      container: null,
      diagnostics: null,
      usage: { ...usage, output_tokens_details: thinking, server_tool_use: null, speed: null },
    };
  }
  return {
    ...body,
    ...(details === null ? {} : { stop_details: details }),
    usage: { ...usage, ...(thinking === null ? {} : { output_tokens_details: thinking }) },
  };
}

/** `usage` without the parts that are null most of the time. */
function usageBody(outputTokens: number, split: InputSplit): Record<string, unknown> {
  return {
    input_tokens: split.input,
    output_tokens: outputTokens,
    cache_creation_input_tokens: split.cacheWrite5m + split.cacheWrite1h,
    cache_read_input_tokens: split.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: split.cacheWrite5m, ephemeral_1h_input_tokens: split.cacheWrite1h },
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

const refusalDetails = (category: string | null): object => ({
  type: 'refusal',
  category,
  explanation: '[synthetic refusal]',
});
