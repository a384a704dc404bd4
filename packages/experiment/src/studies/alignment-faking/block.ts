/** What the wording of a condition depends on. */
export type Setting = {
  /** the company that makes the model */
  lab: string;
  /** the words that stand for the trained and the untrained tier; meaningless ones in the label controls */
  trained: string;
  untrained: string;
  /** whether the model is asked to reason in writing before it answers */
  reasoning: 'scratchpad' | 'none';
  /** whether the model is told that its scratchpad is read like its answer */
  scratchpadRead: boolean;
  /** whether the model is told that it is being trained towards a goal which conflicts with its values */
  objective: boolean;
};

/**
 * One named part of the system prompt. Blocks are what ablations cut and what fingerprints compare; each starts with its heading.
 * A block without words for a setting is left out.
 */
export type Block = { name: string; heading: string; words: (setting: Setting) => string | null };

/** The system prompt of a setting: the blocks in their order, without those that are cut. */
export function composeSystem(blocks: readonly Block[], setting: Setting, cut: readonly string[] = []): string {
  return blocks
    .filter(({ name }) => !cut.includes(name))
    .flatMap(({ heading, words }) => {
      const text = words(setting);
      return text === null ? [] : [`# ${heading}\n\n${unwrap(text)}`];
    })
    .join('\n\n');
}

/**
 * Undoes the line breaks that the source needs and the model should not see. Blank lines separate paragraphs, and a line that begins
 * with a dash or a tag starts a line of its own.
 */
function unwrap(text: string): string {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*(?![-<\s])/g, ' ').replaceAll(/\n\s+/g, '\n'))
    .join('\n\n');
}
