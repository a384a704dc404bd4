import { escapeHtml } from './escape-html.ts';

/** A whole document without a script, for what is read outside of the console. Its style is served at /style.css. */
export function plainPage({ title, body }: { title: string; body: string }): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Crosscheck</title><link rel="stylesheet" href="/style.css"></head><body>${body}</body></html>`;
}

export const PLAIN_STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #2463b4; }
@media (prefers-color-scheme: dark) { :root { --accent: #7fb0f0; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
a { color: var(--accent); }
`;
