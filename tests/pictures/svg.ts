/** Text as it stands in SVG. */
function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A number with one digit behind the point at most, so that a picture stays small. */
export function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

// The colours of a picture in a page follow the reader's setting, as the page does.
const STYLE = `
svg { font: 13px ui-sans-serif, system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; background: var(--back) }
svg { --back: #fff; --text: #1f2328; --faint: #59636e; --line: #d1d9e0; --blue: #0969da; --green: #1a7f37; --red: #cf222e; --known: #afb8c1 }
@media (prefers-color-scheme: dark) {
  svg { --back: #0d1117; --text: #f0f6fc; --faint: #9198a1; --line: #3d444d; --blue: #4493f8; --green: #3fb950; --red: #f85149; --known: #57606a }
}
text { fill: var(--text) }
.faint { fill: var(--faint) }
.mono { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; font-size: 12px }
.end { text-anchor: end }
.middle { text-anchor: middle }
.line { stroke: var(--line); fill: none }
.blue { fill: var(--blue) }
.green { fill: var(--green) }
.red { fill: var(--red) }
.known { fill: var(--known) }
.pale { fill-opacity: .16 }
`;

/** A whole picture: its parts with a title for those who do not see it. */
export function picture(size: { width: number; height: number }, title: string, parts: readonly string[]): string {
  const { width, height } = size;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`;
  return `${head}\n<title>${escapeText(title)}</title>\n<style>${STYLE}</style>\n${parts.join("\n")}\n</svg>\n`;
}

/** A line of text. @param classes of the style above */
export function label(x: number, y: number, text: string, classes = ""): string {
  const styled = classes === "" ? "" : ` class="${classes}"`;
  return `<text x="${round(x)}" y="${round(y)}"${styled}>${escapeText(text)}</text>`;
}

export function bar(x: number, y: number, width: number, height: number, classes: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2" class="${classes}"/>`;
}

/** Seconds along the upper edge, and a line down from each. */
export function timeScale(
  area: { left: number; top: number; width: number; height: number },
  durationMs: number,
): string {
  const { left, top, width, height } = area;
  const seconds = durationMs / 1000;
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300].find((one) => seconds / one <= 10) ?? 600;
  const marks: string[] = [];
  for (let at = 0; at <= seconds; at += step) {
    const x = left + (at / seconds) * width;
    marks.push(`<path class="line" d="M${round(x)} ${top}v${height}"/>`, label(x, top - 6, `${at} s`, "faint middle"));
  }
  return marks.join("\n");
}
