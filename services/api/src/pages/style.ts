/** The one style sheet of our pages. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #2463b4; --soft: #8882; }
@media (prefers-color-scheme: dark) { :root { --accent: #7fb0f0; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: var(--accent); }
.badge { border: 1px solid var(--line); border-radius: .6rem; padding: 0 .5rem; font-size: .8rem; white-space: nowrap; }
.simulated { background: var(--soft); font-style: italic; }
.error { border-left: 3px solid #c33; padding-left: .7rem; }
.quiet { opacity: .75; font-size: .9rem; }
.wide { overflow-x: auto; }
header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; }
input, button { font: inherit; padding: .4rem .6rem; }
svg { display: block; } svg .axis { stroke: var(--line); } svg .interval { stroke: var(--accent); stroke-width: 2; } svg .point { fill: var(--accent); }
`;
