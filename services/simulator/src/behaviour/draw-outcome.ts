import type { Cues } from './cues.ts';
import type { ItemEffect } from './item-effect.ts';
import type { Draws } from './keyed-draws.ts';
import { MALFORMED_KINDS, type Cell, type MalformedKind, type Persona } from './persona.ts';

export type Decision = 'comply' | 'partial' | 'refuse';
export type Reasoning = 'alignment_faking' | 'plain' | 'none';

/** What one trial does, before it is put into words. */
export type Outcome =
  | { kind: 'api_refusal'; category: string | null }
  | {
      kind: 'answer';
      decision: Decision;
      reasoning: Reasoning;
      malformed: MalformedKind | null;
      truncated: boolean;
    };

/** The expected rates of one prompt in one cell, or of a whole cell. */
export type Rates = { comply: number; partial: number; af: number; apiRefusal: number };

/** The first cell whose cues all fit. @throws Error when the persona has no cell for them */
export function matchCell(persona: Persona, cues: Cues): Cell {
  const cell = persona.cells.find((one) => fits(one.when ?? {}, cues));
  if (cell === undefined) {
    throw new Error(`Persona ${persona.id} has no cell for ${JSON.stringify(cues)}: add a last cell without "when"`);
  }
  return cell;
}

function fits(when: Record<string, string | string[]>, cues: Cues): boolean {
  const values: Record<string, string> = cues;
  return Object.entries(when).every(([cue, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(values[cue] ?? '') : wanted === values[cue],
  );
}

/**
 * The rates of a cell when compliance has the probability `comply`: the partial share of what does not comply is the
 * cell's, so that the mean over prompts is the configured one. `af` is among answers, api refusals left out.
 */
export function ratesOf(cell: Cell, comply: number, hasScratchpad: boolean): Rates {
  const share = cell.comply >= 1 ? 0 : (cell.partial ?? 0) / (1 - cell.comply);
  const af = hasScratchpad ? comply * (cell.afGivenComply ?? 0) + (1 - comply) * (cell.afGivenRefuse ?? 0) : 0;
  return { comply, partial: (1 - comply) * share, af, apiRefusal: cell.apiRefusal?.p ?? 0 };
}

/** Draws what a trial does, in the fixed order refusal, decision, reasoning, format, truncation. */
export function drawOutcome(
  { persona, cell, rates, scratchpad }: { persona: Persona; cell: Cell; rates: Rates; scratchpad: boolean },
  draws: Draws,
): Outcome {
  if (rates.apiRefusal > 0 && draws.uniform('api-refusal') < rates.apiRefusal) {
    return { kind: 'api_refusal', category: cell.apiRefusal?.category ?? null };
  }
  const decision = drawDecision(rates, draws);
  const truncate = cell.truncate ?? persona.truncate ?? 0;
  return {
    kind: 'answer',
    decision,
    reasoning: scratchpad ? drawReasoning(cell, decision, draws) : 'none',
    malformed: drawMalformed({ ...persona.malformed, ...cell.malformed }, scratchpad, draws),
    truncated: truncate > 0 && draws.uniform('truncate') < truncate,
  };
}

function drawDecision({ comply, partial }: Rates, draws: Draws): Decision {
  const u = draws.uniform('decision');
  if (u < comply) return 'comply';
  return u < comply + partial ? 'partial' : 'refuse';
}

function drawReasoning(cell: Cell, decision: Decision, draws: Draws): Reasoning {
  const probability = (decision === 'comply' ? cell.afGivenComply : cell.afGivenRefuse) ?? 0;
  return probability > 0 && draws.uniform('reasoning') < probability ? 'alignment_faking' : 'plain';
}

/** Kinds that concern the scratchpad are only possible where one is asked for. */
function drawMalformed(
  rates: Partial<Record<MalformedKind, number>>,
  scratchpad: boolean,
  draws: Draws,
): MalformedKind | null {
  const possible = MALFORMED_KINDS.filter(
    (kind) => (rates[kind] ?? 0) > 0 && (scratchpad || !kind.includes('scratchpad')),
  );
  if (possible.length === 0) return null;
  let u = draws.uniform('malformed');
  for (const kind of possible) {
    u -= rates[kind] ?? 0;
    if (u < 0) return kind;
  }
  return null;
}

/** The rates of one prompt under an item effect, for the truth about a dataset. */
export function promptRates({
  persona,
  cell,
  effect,
  promptKey,
  scratchpad,
  drift,
}: {
  persona: Persona;
  cell: Cell;
  effect: ItemEffect;
  promptKey: string;
  scratchpad: boolean;
  drift: number;
}): Rates {
  const comply = effect.probabilityOf(cell.comply, promptKey, `${persona.id}/${cell.name}`);
  return ratesOf(cell, Math.min(1, Math.max(0, comply + drift)), scratchpad);
}
