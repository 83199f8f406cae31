import { byId } from "./element.ts";

/** Follows the system until the person chooses; the choice is kept in this browser. */
export function setUpTheme(onChange: () => void): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = byId("theme");
  const apply = () => {
    const theme = localStorage.getItem("theme") ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset["theme"] = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", theme === "dark" ? "Use light colours" : "Use dark colours");
    onChange();
  };
  button.addEventListener("click", () => {
    localStorage.setItem("theme", document.documentElement.dataset["theme"] === "dark" ? "light" : "dark");
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
}
