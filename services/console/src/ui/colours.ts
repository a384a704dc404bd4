/**
 * Colours of the tokens as a canvas takes them. The browser computes them once: a token is a pair for light and dark, which a canvas does not
 * understand.
 *
 * @param names without the dashes: `ink`, `o-complied`
 */
export function readColours<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  try {
    const read = (name: Name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, string>;
  } finally {
    probe.remove();
  }
}
