import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleProblem } from "./config.ts";
import type { PackageManager } from "./package-manager.ts";

/**
 * What a package manager has installed from files beside it (`file:/root`) and not from a registry: among those are the person's
 * settings for it, with their tokens, and packages of others in its cache. Links lead nowhere in a container and are left out.
 *
 * @param dir the folder with package.json, after the installation
 * @throws ModuleProblem that names the package
 */
export function refuseLocalPackages(name: PackageManager["name"], dir: string, subject: string): void {
  const [found] = READERS[name]((path) => read(join(dir, path)));
  if (found !== undefined)
    throw new ModuleProblem(
      `${found} is named as a package of ${subject}, and files of this machine are no packages of a module: beside package.json, its lock file and .npmrc nothing is there when packages are installed\n  to do: import the files by their path, or take the package from a registry`,
    );
}

type Reader = (textOf: (path: string) => string) => readonly string[];

const LOCAL = /^(?:file:|\.{0,2}\/|~\/)/;

const READERS: Readonly<Record<PackageManager["name"], Reader>> = {
  npm: (textOf) => {
    const { packages = {} } = JSON.parse(textOf("node_modules/.package-lock.json") || "{}") as {
      readonly packages?: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
    };
    const files = Object.values(packages).filter((one) => one.link !== true && LOCAL.test(one.resolved ?? ""));
    return files.map((one) => one.resolved ?? "");
  },
  yarn: (textOf) => {
    const { lockfileEntries = {} } = JSON.parse(textOf("node_modules/.yarn-integrity") || "{}") as {
      readonly lockfileEntries?: Readonly<Record<string, string>>;
    };
    const specs = Object.entries(lockfileEntries).flatMap(([key, resolved]) => [
      key.replace(/^@?[^@]*@/, ""),
      resolved,
    ]);
    return specs.filter((spec) => LOCAL.test(spec));
  },
  pnpm: (textOf) =>
    matchesOf(textOf("node_modules/.pnpm/lock.yaml"), /\{[^}\n]*\b(?:directory: |tarball: (?=file:))([^,}\s]+)/g),
  bun: (textOf) => matchesOf(textOf("bun.lock"), /"@?[^"@]+@((?:file:|\.{0,2}\/|~\/)[^"]*)"/g),
};

function matchesOf(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

/** Nothing where there is no such file: nothing was installed then. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
