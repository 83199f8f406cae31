import { createHash } from "node:crypto";

/** A file that the page asks for. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly text: string;
  /** Changes with the content. */
  readonly tag: string;
}

export interface Page {
  readonly html: string;
  readonly files: readonly PageFile[];
}

/** The page as its build leaves it. */
export interface BuiltPage {
  readonly html: string;
  readonly js: string;
  readonly css: string;
}

// Put in by build.mjs. A run from source has to build the page itself.
declare const SLIPWAY_PAGE: BuiltPage | undefined;

/** The page: out of the bundle, or built now when the service runs from source. */
export async function loadPage(title: string): Promise<Page> {
  const built = typeof SLIPWAY_PAGE === "undefined" ? await buildNow() : SLIPWAY_PAGE;
  const file = (path: string, type: string, text: string): PageFile => ({
    path,
    type,
    text,
    tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 16)}"`,
  });
  return {
    html: built.html.replaceAll("%TITLE%", escapeHtml(title)),
    files: [
      file("/page.js", "text/javascript; charset=utf-8", built.js),
      file("/page.css", "text/css; charset=utf-8", built.css),
    ],
  };
}

async function buildNow(): Promise<BuiltPage> {
  const url = new URL("../build-page.mjs", import.meta.url).href;
  const loaded: { buildPage(): Promise<BuiltPage> } = await import(url);
  return await loaded.buildPage();
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
