/** The page about a run in a real browser, as wide as a desk and as narrow as a telephone, light and dark. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tracePage } from "../../engine/src/trace/page.ts";
import { openPage, type Screen, startBrowser } from "./open-page.ts";
import { bigRun, failedRun } from "./shown-runs.ts";

const trace = suite("the page of a run in a browser");

const SCREENS: readonly (Screen & { readonly name: string })[] = (["light", "dark"] as const).flatMap((colours) => [
  { name: `1440-${colours}`, width: 1440, height: 900, colours },
  { name: `390-${colours}`, width: 390, height: 844, colours },
]);
const DESK: Screen = { width: 1440, height: 900, colours: "light" };

const MOST_PROCESSOR_MS = 2000;
const MOST_BYTES = 10_000_000;

let folder = "";
let browser: Browser;
let [small, big] = ["", ""];

trace.before(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-page-"));
  browser = await startBrowser();
  const { now, before } = failedRun();
  small = write("small.html", tracePage(now, before));
  big = write("big.html", tracePage(bigRun()));
});

trace.after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a page, and gives its address. `SLIPWAY_TEST_SCREENSHOTS` names a folder that gets pictures. */
function write(name: string, html: string): string {
  writeFileSync(join(folder, name), html);
  return pathToFileURL(join(folder, name)).href;
}

async function keepPicture(page: Page, name: string): Promise<void> {
  const kept = process.env["SLIPWAY_TEST_SCREENSHOTS"];
  if (kept === undefined || kept === "") return;
  mkdirSync(kept, { recursive: true });
  await page.screenshot({ path: join(kept, `${name}.png`) });
}

async function isWhollySeen(page: Page, what: Locator): Promise<boolean> {
  const [box, size] = [await what.boundingBox(), page.viewportSize()];
  return box !== null && size !== null && box.y >= 0 && box.y + box.height <= size.height;
}

for (const screen of SCREENS) {
  trace(`it fits ${screen.name}, asks for nothing, complains of nothing, and shows first what failed`, async () => {
    const { page, faults } = await openPage(browser, small, screen);
    await keepPicture(page, screen.name);
    const failure = page.locator(".failure").first();
    assert.is(await failure.locator("h3 a").textContent(), "withExec npm test");
    assert.ok(await isWhollySeen(page, failure.locator("h3")), "what failed has to be looked for");
    assert.ok(await failure.getByText("90 !== 100").isVisible());
    assert.ok(await failure.getByText("because this changed: withMountedDirectory /src (src/prices.ts").isVisible());
    await page.click("#open");
    const [wide, seen] = await Promise.all(
      ["scrollWidth", "clientWidth"].map((which) => page.evaluate<number>(`document.documentElement.${which}`)),
    );
    assert.ok((wide ?? 0) <= (seen ?? 0), `it is ${wide} wide on a screen of ${seen}`);
    assert.equal(faults, []);
    await page.close();
  });
}

trace("the tree is opened, walked and closed by keys, and a step found by its name", async () => {
  const { page } = await openPage(browser, small, DESK);
  const focused = () => page.evaluate<string>('document.activeElement.querySelector(".name").textContent');
  const isOpen = (name: string) =>
    page.locator("details.step", { has: page.locator(`> summary .name:text-is("${name}")`) }).getAttribute("open");
  await page.locator("#s1 > summary").focus();
  await page.keyboard.press("ArrowLeft");
  assert.is(await isOpen("Shop.test"), null);
  await page.keyboard.press("Enter");
  assert.is(await isOpen("Shop.test"), "");
  for (const key of ["ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  assert.match(await focused(), "withExec node_modules/.bin/biome");
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.getByText("Checked 438 files in 321ms.").isVisible());
  await page.keyboard.press("/");
  await page.keyboard.type("npm test");
  const rows = await page.locator("summary.row:visible .name").allTextContents();
  assert.equal(rows, ["Shop.test", "Shop.unit", "withExec npm test"]);
  await page.close();
});

trace("what failed leads to its step in the tree, which opens with its output", async () => {
  const { page } = await openPage(browser, small, DESK);
  await page.click("#close");
  await page.click(".failure h3 a");
  const step = page.locator("details.step.failed", {
    has: page.locator('> summary .name:text-is("withExec npm test")'),
  });
  assert.is(await step.getAttribute("open"), "");
  assert.ok(await step.locator("pre").isVisible());
  await page.close();
});

trace("without scripts all of it can be read as well", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: DESK });
  const page = await context.newPage();
  await page.goto(small);
  assert.ok(await page.locator(".failure").getByText("90 !== 100").isVisible());
  await page.locator("#s1 > summary .name").click();
  assert.not(await page.locator("#s2 > summary").isVisible());
  await context.close();
});

trace(
  "a run of 5,000 steps that printed 50 MB opens with less than 2 s of processor time, in a file of less than 10 MB, at what failed",
  async () => {
    const html = tracePage(bigRun());
    assert.ok(html.length < MOST_BYTES, `${html.length}`);
    const { page, faults } = await openPage(browser, big, DESK);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
    const spentMs = await processorTime(page);
    console.log(`  ${Math.round(spentMs)} ms of processor time, ${(html.length / 1e6).toFixed(1)} MB`);
    assert.ok(spentMs <= MOST_PROCESSOR_MS, `it took ${Math.round(spentMs)} ms of processor time`);
    assert.ok(await page.locator(".failure").getByText("part-4899: no rule to make it").isVisible());
    assert.equal(faults, []);
    await keepPicture(page, "big");
    await page.close();
  },
);

/** What the browser's process of a page has used: unlike time it does not depend on what else the machine does. */
async function processorTime(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const seconds = metrics.find(({ name }) => name === "ProcessTime")?.value;
  if (seconds === undefined) throw new Error("the browser does not tell its processor time");
  return seconds * 1000;
}

trace.run();
