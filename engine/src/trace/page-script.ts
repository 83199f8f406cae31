/** What the page does beyond what HTML does by itself. Without it everything can be read and opened as well. */
export const PAGE_SCRIPT = `
"use strict";
const rows = [...document.querySelectorAll("details.step")];
const buttons = [...document.querySelectorAll("[data-show]")];
const search = document.querySelector("#search");
const status = document.querySelector("[role=status]");
let show = "all";
function fits(step) {
  const wanted = show === "all" || (show === "ran" ? step.dataset.outcome !== "cached" : step.dataset.outcome === show);
  return wanted && step.querySelector(".name").textContent.toLowerCase().includes(search.value.trim().toLowerCase());
}
function filter() {
  let shown = 0;
  const all = show === "all" && search.value.trim() === "";
  for (const step of [...rows].reverse()) {
    const fit = fits(step);
    if (fit) shown++;
    step.parentElement.hidden = !fit && step.querySelector(".steps > li:not([hidden])") === null;
  }
  if (!all) for (const step of rows) if (!step.parentElement.hidden && step.querySelector(".steps")) step.open = true;
  status.textContent = all ? "" : shown + " of " + rows.length + " steps";
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
  const above = step.parentElement.closest("details.step");
  let next;
  if (event.key === "ArrowDown") next = all[place + 1];
  else if (event.key === "ArrowUp") next = all[place - 1];
  else if (event.key === "Home") next = all[0];
  else if (event.key === "End") next = all.at(-1);
  else if (event.key === "ArrowRight") step.open = true;
  else if (event.key === "ArrowLeft" && step.open) step.open = false;
  else if (event.key === "ArrowLeft" && above) next = above.querySelector("summary.row");
  else return;
  event.preventDefault();
  if (next) next.focus();
});
function reveal() {
  const found = document.getElementById(location.hash.slice(1));
  if (!found || !found.matches("details.step")) return;
  for (let step = found; step; step = step.parentElement.closest("details.step")) step.open = true;
  found.querySelector("summary.row").focus();
  found.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", reveal);
reveal();
`;
