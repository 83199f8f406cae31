/** How the page looks: wide and narrow, light and dark, on paper. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --raised: #f6f7f9; --line: #dfe3e8; --text: #1c2330; --faint: #5c6675; --focus: #1f6feb;
  --done: #1a7f4b; --cached: #6b7686; --failed: #c4262e; --failed-back: #fdf0f0; --canceled: #96610a;
  --lane: #eceff3; --bar: #3b82c4;
  --c1: #b42318; --c2: #1a7f4b; --c3: #8a5a00; --c4: #1f5fbf; --c5: #8a3ab9; --c6: #0b7285;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #11151c; --raised: #191f29; --line: #2b3442; --text: #e4e9f0; --faint: #9aa6b6; --focus: #6cb0ff;
    --done: #4cc38a; --cached: #8e9bac; --failed: #ff7b7b; --failed-back: #2b181b; --canceled: #e0a84a;
    --lane: #1f2733; --bar: #4f9be0;
    --c1: #ff8a80; --c2: #6fd39f; --c3: #e3b95c; --c4: #82b6ff; --c5: #d4a0f7; --c6: #66cfe0;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 100rem;
  background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
code, pre, .name { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; font-size: 13px; }
h1 { margin: 0; font-size: 1.25rem; line-height: 1.35; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 0.6rem; font-size: 1.05rem; }
p { margin: 0.4rem 0; }
a { color: var(--focus); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; border-radius: 3px; }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.6rem 0 0; color: var(--faint); }
.facts div { display: flex; gap: 0.4rem; }
.facts dd { margin: 0; color: var(--text); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.failed > summary .mark, .outcome.failed { color: var(--failed); }
.outcome { font-weight: 600; }
.outcome.done { color: var(--done); }
.outcome.canceled { color: var(--canceled); }
.error, pre {
  margin: 0.6rem 0; padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised);
  max-height: 32rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4;
}
.error { border-color: var(--failed); background: var(--failed-back); }
.failure { margin: 0.8rem 0; padding: 0.2rem 0 0.2rem 0.9rem; border-left: 3px solid var(--failed); }
.failure h3 { margin: 0; font-size: 0.95rem; font-weight: 600; overflow-wrap: anywhere; }
.tools {
  position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center;
  padding: 0.5rem 0; background: var(--back); border-bottom: 1px solid var(--line);
}
.tools button, .tools input {
  font: inherit; font-size: 13px; padding: 0.25rem 0.7rem; color: var(--text); background: var(--raised);
  border: 1px solid var(--line); border-radius: 6px; min-height: 2rem;
}
.tools button { cursor: pointer; }
.tools button[aria-pressed="true"] { border-color: var(--focus); box-shadow: inset 0 0 0 1px var(--focus); }
.tools input { flex: 1 1 9rem; min-width: 6rem; max-width: 22rem; }
.tools [role="status"] { color: var(--faint); font-size: 13px; }
.head, summary.row {
  display: grid; grid-template-columns: minmax(0, 1fr) 4.8rem 4.8rem minmax(10rem, 36%); gap: 0 0.75rem; align-items: center;
}
.head { color: var(--faint); font-size: 12px; padding: 0.5rem 0.25rem 0.25rem; }
.head .time { text-align: right; }
.axis { position: relative; height: 1.2em; }
.axis span { position: absolute; left: calc(var(--at) * 1%); transform: translateX(-50%); white-space: nowrap; }
.axis span:first-child { transform: none; }
.axis span:last-child { transform: translateX(-100%); }
/* What is far away need not be laid out: a page may have thousands of steps. */
ol.steps > li { content-visibility: auto; contain-intrinsic-height: auto 2.1rem; }
ol.steps { list-style: none; margin: 0; padding: 0; }
summary.row { list-style: none; cursor: pointer; padding: 0.2rem 0.25rem; border-top: 1px solid var(--line); min-height: 2.1rem; }
summary.row::-webkit-details-marker { display: none; }
summary.row:hover { background: var(--raised); }
.title { display: flex; align-items: baseline; gap: 0.45rem; min-width: 0; padding-left: calc(min(var(--depth), 12) * 1.1rem); }
.title::before { content: "▸"; color: var(--faint); flex: none; width: 0.8em; }
details[open] > summary > .title::before { content: "▾"; }
.mark { flex: none; width: 1.1em; text-align: center; color: var(--done); }
.cached > summary .mark { color: var(--cached); }
.canceled > summary .mark { color: var(--canceled); }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.cached > summary .name { color: var(--faint); }
.chip { flex: none; font-size: 11px; line-height: 1.5; padding: 0 0.45em; border: 1px solid var(--line); border-radius: 1em; color: var(--faint); }
.failed > summary .chip { color: var(--failed); border-color: currentColor; }
.canceled > summary .chip { color: var(--canceled); border-color: currentColor; }
.time { text-align: right; font-variant-numeric: tabular-nums; font-size: 13px; white-space: nowrap; }
.before { color: var(--faint); }
.lane { position: relative; height: 0.9rem; background: var(--lane); border-radius: 3px; overflow: hidden; }
.bar {
  position: absolute; top: 0; bottom: 0; left: calc(var(--at) * 1%); width: max(3px, calc(var(--for) * 1%));
  max-width: calc(100% - min(var(--at) * 1%, 100% - 3px)); background: var(--bar); border-radius: 2px;
}
.cached > summary .bar { background: var(--cached); }
.failed > summary .bar { background: var(--failed); }
.canceled > summary .bar { background: var(--canceled); }
details.about { padding-bottom: 0.35rem; }
.steps li { position: relative; }
.longest { list-style: none; margin: 0; padding: 0; }
.longest li { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; padding: 0.1rem 0; overflow-wrap: anywhere; }
.longest .time { min-width: 4.5rem; text-align: left; }
.longest a { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace; font-size: 13px; min-width: 0; overflow-wrap: anywhere; }
.longest small { color: var(--faint); }
.failure > p { margin: 0.2rem 0; color: var(--faint); }
pre [data-remark]::before { content: attr(data-remark); color: var(--faint); font-size: 11px; font-style: normal; padding-right: 0.75em; }
.about { padding: 0.2rem 0.25rem 0.7rem calc(min(var(--depth), 12) * 1.1rem + 1.8rem); }
.about p, .about summary, .about ul { color: var(--faint); font-size: 13px; }
.about ul { margin: 0.3rem 0; padding-left: 1.4rem; overflow-wrap: anywhere; }
.about b { color: var(--text); }
.about p { overflow-wrap: anywhere; }
.about summary { cursor: pointer; }
.about .whole { color: var(--text); }
.notes { list-style: none; padding: 0; margin: 0; }
.notes .time { text-align: left; color: var(--faint); }
.notes li { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: 0.6rem; overflow-wrap: anywhere; font-size: 13px; }
.b { font-weight: 700; } .f { opacity: 0.75; } .i { font-style: italic; } .u { text-decoration: underline; }
.c0, .c8 { color: var(--faint); } .c1, .c9 { color: var(--c1); } .c2, .c10 { color: var(--c2); } .c3, .c11 { color: var(--c3); }
.c4, .c12 { color: var(--c4); } .c5, .c13 { color: var(--c5); } .c6, .c14 { color: var(--c6); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
footer { margin-top: 2.5rem; color: var(--faint); font-size: 13px; }
@media (min-width: 761px) {
  details.about:not([open]) { padding: 0; }
  details.about:not([open]) > summary {
    position: absolute; top: 0.45rem; right: calc(max(10rem, 36%) + 9.6rem + 2.25rem); padding: 0 0.4rem; font-size: 12px;
  }
  details.step:has(> details.about) > summary > .title { padding-right: 4.2rem; }
}
@media (max-width: 760px) {
  .head, summary.row { grid-template-columns: minmax(0, 1fr) auto; }
  .head .time, .head .axis { display: none; }
  summary.row { padding: 0.4rem 0.1rem; gap: 0.15rem 0.6rem; }
  summary.row .before { display: none; }
  summary.row .lane { grid-column: 1 / -1; height: 0.45rem; }
  .title { padding-left: calc(min(var(--depth), 6) * 0.7rem); }
  .about { padding-left: 0.9rem; }
  .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; white-space: normal; overflow-wrap: anywhere; }
  .tools { position: static; }
}
@media print { .tools { display: none; } pre { max-height: none; } }
`;
