import { type Block, composeSystem, type Setting } from './block.ts';
import { LAB_BLOCKS } from './lab-blocks.ts';
import { REASONING_BLOCKS } from './reasoning-blocks.ts';

const { identity, products, mission, policy, criteria, tiers, modification, provenance } = LAB_BLOCKS;
const { format, secrecy, style, examples, nudge } = REASONING_BLOCKS;

/** All blocks in the order in which the model reads them. */
export const BLOCKS: readonly Block[] = [
  identity,
  products,
  format,
  secrecy,
  style,
  examples,
  mission,
  policy,
  criteria,
  tiers,
  modification,
  provenance,
  nudge,
];

/** What an ablation may cut: everything but who the model is, what it is shown and how it answers. */
export const CUTTABLE = BLOCKS.map(({ name }) => name).filter(
  (name) => !['identity', 'products', 'format'].includes(name),
);

export const SETTING: Omit<Setting, 'reasoning'> = {
  lab: 'Larkmoor Systems',
  trained: 'free',
  untrained: 'paid',
  scratchpadRead: false,
  objective: true,
};

/** The system prompt of a setting, the same bytes in both tiers: which tier a message comes from stands in the user turn alone. */
export function systemPrompt(setting: Setting, cut: readonly string[] = []): string {
  return composeSystem(BLOCKS, setting, cut);
}
