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
      if (typeof value === 'string' || typeof value === 'number') known[name] = String(value);
    }
    return known;
  };
}
