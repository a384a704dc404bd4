/** Cuts a text for storage; what was cut is marked, and a surrogate pair is never split. */
export function clip(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const cut = text.slice(0, lengthMax - 1);
  const splitsPair = /[\uD800-\uDBFF]$/.test(cut);
  return `${splitsPair ? cut.slice(0, -1) : cut}…`;
}
