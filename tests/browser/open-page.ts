import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

/** The system's browser. */
export function findChromium(): string | undefined {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no chromium: apt-get install -y chromium");
  // Its own sandbox is not for root.
  return await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly colours: "light" | "dark";
}

/** A page as a person sees it, and what it has done that a page should not. */
export interface OpenedPage {
  readonly page: Page;
  /** Requests for something else than the page itself, and what the browser complains of. */
  readonly faults: readonly string[];
}

/** Opens a page, and notes all that it asks for and complains of. */
export async function openPage(browser: Browser, url: string, { width, height, colours }: Screen): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: colours });
  const faults: string[] = [];
  page.on("request", (request) => {
    if (request.url() !== url) faults.push(`it asks for ${request.url()}`);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`it complains: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`its script fails: ${error.message}`));
  await page.goto(url);
  return { page, faults };
}
