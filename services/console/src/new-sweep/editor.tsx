import { type ChangeEvent, type ReactElement, useRef } from 'react';
import type { Problem } from './read-spec.ts';

/** A text with line numbers; lines with a problem are marked. A plain text area: every key and tool that people know works in it. */
export function Editor({
  text,
  problems,
  onChange,
}: {
  text: string;
  problems: Problem[];
  onChange: (text: string) => void;
}): ReactElement {
  const gutter = useRef<HTMLDivElement>(null);
  const marked = new Map(problems.map(({ line, detail }) => [line, detail]));
  const lines = text.split('\n').length;
  return (
    <div className="editor">
      <div className="editor-gutter" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          <span key={index} className={marked.has(index + 1) ? 'editor-bad' : undefined} title={marked.get(index + 1)}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        className="editor-text mono"
        aria-label="The sweep, in YAML or JSON"
        aria-invalid={problems.length > 0}
        aria-describedby="problems"
        spellCheck={false}
        autoCapitalize="off"
        wrap="off"
        value={text}
        onChange={(event: ChangeEvent<HTMLTextAreaElement>) => onChange(event.target.value)}
        onScroll={({ currentTarget }) => {
          if (gutter.current) gutter.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
