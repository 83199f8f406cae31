/** What the page does beyond what HTML does by itself. Without it everything can be read and opened as well. */
export const PAGE_SCRIPT = `
"use strict";
const rows = [...document.querySelectorAll("details.step")];
const buttons = [...document.querySelectorAll("[data-show]")];
const search = document.querySelector("#search");
const status = document.querySelector("[role=status]");
let show = "all";
const names = new Map(rows.map((step) => [step, step.querySelector(".name").textContent.toLowerCase()]));
const above = new Map(rows.map((step) => [step, step.parentElement.closest("details.step")]));
function filter() {
  const text = search.value.trim().toLowerCase();
  const all = show === "all" && text === "";
  const kept = new Set();
  let fit = 0;
  for (const step of rows) {
    const { outcome } = step.dataset;
    if (show !== "all" && (show === "ran" ? outcome === "cached" : outcome !== show)) continue;
    if (!names.get(step).includes(text)) continue;
    fit++;
    for (let one = step; one && !kept.has(one); one = above.get(one)) {
      kept.add(one);
      if (one !== step && !all) one.open = true;
    }
  }
  for (const step of rows) step.parentElement.hidden = !kept.has(step);
  status.textContent = all ? "" : fit + " of " + rows.length + " steps";
}
for (const button of buttons) {
  button.addEventListener("click", () => {
    show = button.dataset.show;
    for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
    filter();
  });
}
search.addEventListener("input", filter);
document.querySelector("#open").addEventListener("click", () => { for (const step of rows) step.open = true; });
document.querySelector("#close").addEventListener("click", () => { for (const step of rows) step.open = false; });
document.querySelector(".tools").hidden = false;
function visible() { return [...document.querySelectorAll("summary.row")].filter((row) => row.checkVisibility()); }
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
    return;
  }
  const row = document.activeElement;
  if (!row || !row.matches("summary.row")) return;
  const step = row.parentElement;
  const all = visible();
  const place = all.indexOf(row);
  let next;
  if (event.key === "ArrowDown") next = all[place + 1];
  else if (event.key === "ArrowUp") next = all[place - 1];
  else if (event.key === "Home") next = all[0];
  else if (event.key === "End") next = all.at(-1);
  else if (event.key === "ArrowRight") step.open = true;
  else if (event.key === "ArrowLeft" && step.open) step.open = false;
  else if (event.key === "ArrowLeft" && above.get(step)) next = above.get(step).querySelector("summary.row");
  else return;
  event.preventDefault();
  if (next) next.focus();
});
function reveal() {
  const found = document.getElementById(location.hash.slice(1));
  if (!found || !found.matches("details.step")) return;
  for (let step = found; step; step = above.get(step)) step.open = true;
  found.querySelector("summary.row").focus();
  found.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", reveal);
reveal();
`;
