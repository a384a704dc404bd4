type Words<Name extends string> = { [Key in Name]?: string | undefined };

/**
 * Makes the reading of a view's query: the given names, each a text or absent. Whatever else stands in the address is dropped, and a value
 * is never trusted to be one that the view knows.
 */
export function readWords<Name extends string>(...names: Name[]): (search: Record<string, unknown>) => Words<Name> {
  return (search) => {
    const known: Words<Name> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string') known[name] = value;
    }
    return known;
  };
}

/** The query of an address as it is written everywhere else: `?row=50`, and a prompt that is named `1e5` is that prompt, no number. */
export const parseWords = (query: string): Record<string, string> => Object.fromEntries(new URLSearchParams(query));

export function writeWords(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`;
}
