import { readFileSync } from 'node:fs';

export type Import = {
  file: string;
  line: number;
  specifier: string;
  /** only looked for, by import.meta.resolve: the file works without it */
  optional: boolean;
};

const NAME = /['"]([@\w./:-]+)['"]/.source;
const IMPORT = new RegExp(
  [
    `\\bfrom\\s*${NAME}`,
    `\\bimport\\s*\\(\\s*${NAME}`,
    `^\\s*import\\s+${NAME}`,
    `\\bimport\\.meta\\.resolve\\(${NAME}`,
  ].join('|'),
  'gm',
);

/** What a TypeScript file imports, types included, with the line of each. Comments are blanked first, so that prose is no import. */
export function readImports(file: string): Import[] {
  const blank = (comment: string) => comment.replace(/[^\n]/g, ' ');
  const source = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, blank);
  return [...source.matchAll(IMPORT)].map((match) => ({
    file,
    line: source.slice(0, match.index + match[0].search(/\S/)).split('\n').length,
    specifier: match.slice(1).find((group) => group !== undefined) ?? '',
    optional: match[4] !== undefined,
  }));
}
