const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML: everything that a team or a model wrote goes through here. */
export function escapeHtml(text: string | number): string {
  return String(text).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}

/** A whole document. Without a script: a page that moves asks the browser to load it again. */
export function page({
  title,
  body,
  refreshS,
}: {
  title: string;
  body: string;
  refreshS?: number | undefined;
}): string {
  const refresh = refreshS === undefined ? '' : `<meta http-equiv="refresh" content="${refreshS}">`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${escapeHtml(title)} · Crosscheck</title><link rel="stylesheet" href="/style.css"></head><body>${body}</body></html>`;
}
