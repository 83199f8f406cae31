/** Style of the entry form. The colours are those of the dashboard. */
export const formCss = `
:root { color-scheme: light dark; --bg: #f5f7fa; --card: #fff; --ink: #16212e; --soft: #5a6877; --line: #d8dfe7;
  --accent: #0b63ce; --on-accent: #fff; --good: #0a7a4b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f151c; --card: #18212b; --ink: #e6edf4; --soft: #9aa9b8;
  --line: #2b3846; --accent: #62a8ff; --on-accent: #07192e; --good: #4cc38a; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.01em; }
h2 { margin: 0 0 .75rem; font-size: 1.1rem; }
p, label span { color: var(--soft); }
header p { margin: .25rem 0 1.25rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin-bottom: 1rem; }
section p { margin: 0 0 1rem; }
form { display: grid; gap: .9rem; }
label { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem; font-weight: 600; font-size: .9rem; }
label span { font-weight: 400; }
.columns { display: grid; gap: .9rem; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
input { font: inherit; font-weight: 400; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: .5rem;
  padding: .55rem .7rem; width: 100%; min-width: 0; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
button { font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .5rem;
  padding: .65rem 1.2rem; justify-self: start; cursor: pointer; }
.notice.good { border-color: var(--good); } .notice.good h2 { color: var(--good); }
.notice.bad { border-color: var(--bad); } .notice.bad h2 { color: var(--bad); }
.notice ul { margin: 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
`;
