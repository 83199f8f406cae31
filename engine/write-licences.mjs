/**
 * Writes engine/dist/LICENSES.txt: the licences of all packages that the bundles may hold parts of. A part of a package that
 * is passed on needs its licence beside it.
 *
 *     node engine/write-licences.mjs
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

/** Paths in the lock file of all that the engine needs to run, of what those need, and so on. */
function neededFrom(start) {
  const found = new Set();
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const name of Object.keys(packages[at]?.dependencies ?? {})) {
      const path = pathOf(name, at);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      waiting.push(path);
    }
  }
  return [...found].sort();
}

/** Where Node finds a package for the one at `from`: the nearest node_modules, from there up. */
function pathOf(name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "") return undefined;
  }
}

const isLicence = (name) => /^(licen[cs]e|notice|copying)/i.test(name);

const packagesOf = new Map();
for (const path of neededFrom("engine").filter((path) => existsSync(join(root, path)))) {
  const { name, version, license = "as below" } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  const files = readdirSync(join(root, path), { withFileTypes: true }).filter(
    (one) => one.isFile() && isLicence(one.name),
  );
  const text = files.map((file) => readFileSync(join(root, path, file.name), "utf8").trim()).join("\n\n");
  packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${name} ${version} (${license})`]);
}
const parts = [...packagesOf].map(([text, names]) => [...names, "", text].join("\n").trim());
writeFileSync(join(here, "dist", "LICENSES.txt"), `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
