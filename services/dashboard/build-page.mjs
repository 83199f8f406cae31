import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = join(dirname(fileURLToPath(import.meta.url)), "page");

/** The page as texts: uPlot is in its script and style, so that it needs nothing from anywhere else. */
export async function buildPage() {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "page.ts")],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome109", "firefox115", "safari16"],
    legalComments: "none",
    logLevel: "warning",
  });
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return { html: await readFile(join(folder, "index.html"), "utf8"), js: text(".js"), css: text(".css") };
}
