import { type Fault, findFaults, fitsSchema, SweepSpec } from '@crosscheck/contracts';
import { isCollection, isScalar, LineCounter, type Node, parseDocument } from 'yaml';

/** Something to mend, and in which line of the text, from 1; null where the text has no such place. */
export type Problem = { line: number | null; detail: string; expected?: string | undefined };
export type ReadSpec = { spec: unknown; problems: Problem[] };

/** Reads a sweep as it is written, in YAML or JSON, and holds it against the schema that the api holds it against. */
export function readSpec(text: string): ReadSpec {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({
      line: lineCounter.linePos(pos[0]).line,
      detail: message,
    }));
    return { spec: null, problems };
  }
  const spec: unknown = document.toJS();
  if (spec === null) return { spec, problems: [{ line: null, detail: 'a sweep needs a name and models' }] };
  const problems = fitsSchema(SweepSpec, spec) ? [] : findFaults(SweepSpec, spec).map((fault) => locate(fault));
  return { spec, problems };

  function locate({ field, detail, expected }: Fault): Problem {
    return { line: field === undefined ? null : lineOf(field), detail, expected };
  }

  /** The line of a field such as `conditions[1].user`, or of the nearest one around it that is there. */
  function lineOf(field: string): number | null {
    const path = field.match(/[^.[\]]+/g)?.map((step) => (/^\d+$/.test(step) ? Number(step) : step)) ?? [];
    for (let length = path.length; length > 0; length -= 1) {
      const node = nodeAt(path.slice(0, length));
      if (node?.range) return lineCounter.linePos(node.range[0]).line;
    }
    return null;
  }

  function nodeAt(path: (string | number)[]): Node | null {
    const node: unknown = document.getIn(path, true);
    return isScalar(node) || isCollection(node) ? node : null;
  }
}

/** The text with `dataset` set to one that was uploaded; comments and everything else stay. */
export function withDataset(text: string, dataset: { name: string; version: string }): string {
  const document = parseDocument(text);
  document.set('dataset', document.createNode(dataset, { flow: true }));
  return document.toString({ lineWidth: 0 });
}
