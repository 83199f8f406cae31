import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { whyNot } from "../cluster/probe.ts";
import { type Installed, installPackage, removePackage } from "../e2e/packed.ts";
import { PageCluster } from "./page-cluster.ts";
import type { Page } from "./read-page.ts";
import { Shell } from "./shell.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const REPOSITORIES = [join(CHECKOUT, "tests/docs/repositories"), join(CHECKOUT, "tests/e2e/repositories")];

/** A page's terminal, and the folder that its commands begin in. */
export interface Place {
  readonly shell: Shell;
  readonly folder: string;
  /** Ends what the page has started, and removes all that it has made. */
  close(): Promise<void>;
}

/**
 * Where pages are run. What takes long is there once for all of them: the installed package, the packages and the engine of
 * the checkout, the store. What a page may change is its own, also the cluster.
 */
export class Stand {
  readonly #folder = mkdtempSync(join(tmpdir(), "slipway-docs-"));
  #package: Promise<Installed> | undefined;

  /** Why a page cannot be run on this machine; `undefined` when it can. */
  whyNot(page: Page): string | undefined {
    return page.cluster ? whyNot("documents") : undefined;
  }

  /** A terminal in a fresh folder with a home of its own, in the repository that the page is for. */
  async open(page: Page): Promise<Place> {
    const own = mkdtempSync(join(this.#folder, "page-"));
    const [home, stateFolder] = [join(own, "home"), join(own, "state")];
    for (const made of [home, stateFolder, join(home, "bin")]) mkdirSync(made);
    const folder = join(home, page.folder ?? page.repository ?? "slipway");
    const env = this.#envOf(home);
    await execa("git", ["config", "--global", "user.name", "Ada"], { env });
    await execa("git", ["config", "--global", "user.email", "ada@example.com"], { env });
    await execa("git", ["config", "--global", "init.defaultBranch", "main"], { env });
    if (page.folder !== undefined) {
      mkdirSync(folder);
      await this.#provideSlipway();
    } else if (page.repository === undefined) {
      await copyCheckout(folder);
      symlinkSync(join(folder, "slipway"), join(home, "bin/slipway"));
    } else await this.#makeRepository(page.repository, folder, env);
    const cluster = page.cluster ? await PageCluster.enter(home, page.secondCluster) : undefined;
    if (page.repository !== undefined) cluster?.tellIn(folder);
    const shell = new Shell({ stateFolder, folder, env, before: cluster?.inNetwork ?? [] });
    const close = async () => {
      await shell.close();
      await cluster?.close();
      rmSync(own, { recursive: true, force: true });
    };
    return { shell, folder, close };
  }

  /** Removes what was there for all pages. */
  async close(): Promise<void> {
    if (this.#package !== undefined) removePackage(await this.#package);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Of this machine's variables only those that say where programs and what they keep are. */
  #envOf(home: string): Record<string, string> {
    const bin = join(this.#folder, "npm/bin");
    const store =
      process.env["SLIPWAY_STORE"] ?? join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway");
    return {
      PATH: [join(home, "bin"), bin, process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].join(":"),
      HOME: home,
      LANG: "C.UTF-8",
      TERM: "dumb",
      NO_COLOR: "1",
      SLIPWAY_STORE: store,
      npm_config_cache: process.env["npm_config_cache"] ?? join(homedir(), ".npm"),
      npm_config_prefix: join(this.#folder, "npm"),
      npm_config_update_notifier: "false",
      ...pick([
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "NODE_EXTRA_CA_CERTS",
      ]),
      ...pick(Object.keys(process.env).filter((name) => /^npm_config_.*registry|^SLIPWAY_.*MIRROR/i.test(name))),
    };
  }

  async #makeRepository(name: string, folder: string, env: Record<string, string>): Promise<void> {
    await this.#provideSlipway();
    const from = REPOSITORIES.map((one) => join(one, name)).find((path) => existsSync(path));
    if (from === undefined) throw new Error(`there is no repository ${name} in ${REPOSITORIES.join(" or ")}`);
    cpSync(from, folder, { recursive: true });
    await execa("git", ["init", "--quiet"], { cwd: folder, env });
    await execa("git", ["add", "--all"], { cwd: folder, env });
    await execa("git", ["commit", "--quiet", "--message", "Begin"], { cwd: folder, env });
  }

  async #provideSlipway(): Promise<void> {
    this.#package ??= this.#install();
    await this.#package;
  }

  /** Puts the package of this checkout where `npx slipway` and `slipway` find it, as `npm install --global` does. */
  async #install(): Promise<Installed> {
    const installed = await installPackage();
    mkdirSync(join(this.#folder, "npm/bin"), { recursive: true });
    symlinkSync(join(installed.folder, "node_modules/.bin/slipway"), join(this.#folder, "npm/bin/slipway"));
    return installed;
  }
}

function pick(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** A clone of this checkout as it is, changes that are not committed with it, and what it has installed. */
async function copyCheckout(folder: string): Promise<void> {
  await execa("git", ["clone", "--quiet", CHECKOUT, folder]);
  const changed = ["ls-files", "-z", "--modified", "--others", "--exclude-standard"];
  const { stdout } = await execa("git", changed, { cwd: CHECKOUT });
  for (const path of stdout.split("\0").filter((one) => one !== "" && existsSync(join(CHECKOUT, one)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(CHECKOUT, path), join(folder, path));
  }
  for (const path of ["node_modules", "engine/dist"]) {
    if (existsSync(join(CHECKOUT, path))) symlinkSync(join(CHECKOUT, path), join(folder, path));
  }
}

/** Writes a file that a page shows as a whole. */
export function writeShown(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
