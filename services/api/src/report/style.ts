/** The style of a report. It stands in the file itself: a report loads nothing. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--paper:#fff;--band:#f4f6f9;--line:#d9dfe7;--h0:#1f6feb;--h1:#c2410c;--h2:#0f766e;--h3:#7c3aed;--h4:#a16207;--h5:#64748b;--warn:#8a4b00;--warnband:#fff4df;--l0:#eef2f7;--l1:#cfe0f6;--l2:#9cc2ef;--l3:#5f9be0;--l4:#2c6fc4;--l5:#123f80}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#9aa7b8;--paper:#10151c;--band:#18202a;--line:#2c3745;--h0:#6ea8ff;--h1:#fb923c;--h2:#2dd4bf;--h3:#b794f6;--h4:#eab308;--h5:#94a3b8;--warn:#ffd08a;--warnband:#33260f;--l0:#1d2733;--l1:#1f3d63;--l2:#285a94;--l3:#3f82cc;--l4:#77aeec;--l5:#c6dfff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:74rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .4rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:3rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.6rem 0 .4rem}
p,li{max-width:46rem;overflow-wrap:anywhere}
.eyebrow{color:var(--soft);font-size:.85rem;letter-spacing:.04em;text-transform:uppercase;margin:0}
.quiet{color:var(--soft);font-size:.9rem}
.loud{background:var(--warnband);color:var(--warn);border:2px solid var(--warn);border-radius:.5rem;padding:.7rem 1rem;margin:1.2rem 0;font-weight:600;max-width:none}
.loud strong{letter-spacing:.08em}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.8rem;margin:1.4rem 0;padding:0;list-style:none}
.cards li{background:var(--band);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem}
.cards b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
.cards span{display:block;font-size:.85rem;color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:.85em ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;width:100%;font-size:.8rem}
caption{text-align:left;color:var(--soft);padding:.2rem 0 .4rem;font-size:.84rem}
th,td{text-align:left;padding:.34rem .7rem .34rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
thead th{color:var(--soft);white-space:nowrap}
tbody th{min-width:9rem;overflow-wrap:anywhere}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.plot{overflow-x:auto;margin:1rem 0}
svg{display:block;width:100%;min-width:36rem;max-width:56rem;height:auto}
.slim svg{min-width:0;max-width:35rem}
.if-slim{display:none}@media (max-width:40rem){.if-slim{display:block}.if-wide{display:none}}
svg text{font:12.5px system-ui,sans-serif;fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:4px}
svg .group{font-weight:600}.slim svg text{font-size:11px}.slim svg .tick,.slim svg .small{font-size:10px}svg .tick{fill:var(--soft);text-anchor:middle;font-size:11.5px}svg .small{fill:var(--soft);font-size:11px}
svg .value{text-anchor:end;font-variant-numeric:tabular-nums;font-weight:600}
svg .grid{stroke:var(--line)}svg .zero{stroke:var(--soft);stroke-width:1.4}
svg .interval{stroke-width:2.2;fill:none}
.hue0 .interval{stroke:var(--h0)}.hue0 .point{fill:var(--h0)}.hue1 .interval{stroke:var(--h1)}.hue1 .point{fill:var(--h1)}.hue2 .interval{stroke:var(--h2)}.hue2 .point{fill:var(--h2)}
.hue3 .interval{stroke:var(--h3)}.hue3 .point{fill:var(--h3)}.hue4 .interval{stroke:var(--h4)}.hue4 .point{fill:var(--h4)}.hue5 .interval{stroke:var(--h5)}.hue5 .point{fill:var(--h5)}
.level0{fill:var(--l0)}.level1{fill:var(--l1)}.level2{fill:var(--l2)}.level3{fill:var(--l3)}.level4{fill:var(--l4)}.level5{fill:var(--l5)}.none{fill:none;stroke:var(--line);stroke-width:.6}
.notes li{margin:.3rem 0}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
@media (max-width:34rem){main{padding:1.2rem .9rem 3rem}h1{font-size:1.5rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{main{max-width:none;padding:0}body{font-size:10.5pt}h2{break-after:avoid}svg,tr,.cards li{break-inside:avoid}.wide,.plot{overflow:visible}svg{min-width:0}table{font-size:7.5pt}th,td{padding-right:.4rem}}
`;
