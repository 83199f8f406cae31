import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const links = suite("links of the documents");

const find = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !/node_modules|golden|repositories/.test(path))
    .map((path) => join(folder, path));

/** Text without what is code: links in it are no links. */
const withoutCode = (text: string): string =>
  text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "").replaceAll(/`[^`\n]*`/g, (found) => "x".repeat(found.length));

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = page.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "").matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) => {
      const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      const anchor = plain
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
        .trim()
        .replaceAll(" ", "-");
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    }),
  );
}

/** Links that lead nowhere: to a file or folder that is not there, or to no heading of a page. */
function findBroken(file: string, text: string): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.flatMap((target) => {
    if (/^\w+:/.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    const place = path === "" ? file : normalize(join(dirname(file), path));
    if (!existsSync(place)) return [`${file}: there is no ${place}`];
    if (anchor === undefined || !place.endsWith(".md")) return [];
    return anchorsOf(path === "" ? text : readFileSync(place, "utf8")).has(anchor)
      ? []
      : [`${file}: ${place} has no heading #${anchor}`];
  });
}

links("lead to files and headings that are there", () => {
  // A check has a part of the documents only: what that leads to may be among the others.
  if (!existsSync("README.md")) return;
  const top = readdirSync(".").filter((path) => path.endsWith(".md"));
  const files = [...top, ...["docs", "services", "tests"].flatMap(find)];
  assert.ok(files.length > 30);
  assert.equal(
    files.flatMap((file) => findBroken(file, readFileSync(file, "utf8"))),
    [],
  );
});

links("are told when they lead nowhere", () => {
  const text =
    "# A b\n\n# A `b`!\n\n[1](#a-b) [2](#a-b-1) [3](#a-b-2) `[4](none)` [5](none.md) [6](https://none)\n\n```\n[7](x)\n```\n";
  assert.equal(findBroken("docs/words.md", text), [
    "docs/words.md: docs/words.md has no heading #a-b-2",
    "docs/words.md: there is no docs/none.md",
  ]);
});

links.run();
