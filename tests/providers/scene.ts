import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import type { ProviderName } from "../../ci/src/config/provider-schema.ts";
import { storeDir } from "../../engine/src/store/system-words.ts";
import { filesOf, MODULE } from "../support/pipeline-settings.ts";
import type { DaggerDownload } from "./dagger-download.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const SLIPWAY = join(CHECKOUT, "slipway");

/** What a shop's checks are in the repository that is really tested: one test, by Node's own runner, with its report. */
const CHECKS = `
checks:
  unit:
    run: node --test --experimental-test-coverage --test-reporter=junit --test-reporter-destination=out/unit.xml --test-reporter=lcov --test-reporter-destination=out/lcov.info
    reports: { junit: out/unit.xml, lcov: out/lcov.info }
`;

/** Where its images and releases would go: the second ring takes only what is signed. */
const DELIVERY = `
images: { registry: registry.example.com/acme }
rings:
  canary: { bakeSeconds: 120 }
  production: { after: canary, approvals: { quorum: 1 }, attestations: { provenance: signed } }
`;

/** What the embedded engine needs of a system besides. */
const MORE: Partial<Record<ProviderName, string>> = { bitbucket: ", runner: linux.shell" };

/** The embedded engine, as the command that is said. */
function settingsOf(provider: ProviderName, command: string): string {
  return `{ engine: embedded, command: ${command}${MORE[provider] ?? ""} }`;
}

/** How a command ended, and all that it said. */
export interface Ended {
  readonly code: number | undefined;
  readonly output: string;
}

/** A git repository with the files of a provider, in a folder of its own. */
export class Scene {
  readonly top = mkdtempSync(join(tmpdir(), "slipway-provider-"));
  readonly source = join(this.top, "source");
  /** What a job may use besides: nobody's PATH but its own. */
  readonly bin = join(this.top, "bin");
  readonly #calls = join(this.top, "calls");

  private constructor() {
    mkdirSync(this.bin);
    mkdirSync(join(this.source, "out"), { recursive: true });
  }

  /**
   * A repository whose checks are really run, by the embedded engine of this checkout.
   *
   * @param download `dagger` has this engine under its name, and comes from there (dagger-download.ts)
   */
  static async real(provider: ProviderName, download?: DaggerDownload): Promise<Scene> {
    const scene = new Scene();
    if (download === undefined) await scene.#begin(provider, settingsOf(provider, SLIPWAY));
    else await scene.#begin(provider, "{ engine: dagger }", (text) => download.lead(text, scene.bin));
    return scene;
  }

  /** The same, in which each call leaves how long it took. */
  static async timed(provider: ProviderName): Promise<Scene> {
    const scene = new Scene();
    await scene.#begin(provider, settingsOf(provider, scene.writeProgram("timed", TIMED(scene.#calls))));
    return scene;
  }

  /** One in which every call is written down instead, with the secrets that it could see. */
  static async recorded(provider: ProviderName): Promise<Scene> {
    const scene = new Scene();
    const stub = scene.writeProgram("recorder", recorder(scene.#calls));
    await scene.#begin(provider, settingsOf(provider, stub));
    return scene;
  }

  /** One whose jobs call a command that is where they run, for a system that runs them in containers. */
  static async calling(provider: ProviderName, command: string): Promise<Scene> {
    const scene = new Scene();
    await scene.#begin(provider, settingsOf(provider, command));
    return scene;
  }

  async #begin(provider: ProviderName, settings: string, lead = (text: string) => text): Promise<void> {
    this.writeProgram("sudo", SUDO);
    this.writeProgram("docker", DOCKER);
    const yaml = `${CHECKS}${DELIVERY}`;
    this.write("package.json", '{ "name": "shop", "scripts": { "start": "node main.js" }, "type": "module" }\n');
    this.write("package-lock.json", LOCK);
    this.write(
      "main.js",
      'import { createServer } from "node:http";\ncreateServer().listen(process.env.PORT ?? 3000);\n',
    );
    this.write("sum.js", SUM);
    this.write("sum.test.js", TEST);
    this.write("out/.gitkeep", "");
    this.write("dagger.json", MODULE);
    // What is really run has no manifests, and so no rings.
    this.write("slipway.yaml", CHECKS);
    for (const { path, text } of filesOf(provider, settings, { yaml })) this.write(path, lead(text));
    await this.git("init", "--quiet", "--initial-branch=main");
    await this.commit("Begin");
  }

  /** Writes a program that jobs may call. */
  writeProgram(name: string, text: string): string {
    const path = join(this.bin, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }

  /** Makes the one test fail. */
  async plantFailure(): Promise<void> {
    this.write("sum.js", "export const sum = (a, b) => a - b;\n");
    await this.commit("Break it");
  }

  async mend(): Promise<void> {
    this.write("sum.js", SUM);
    await this.commit("Mend it");
  }

  write(path: string, text: string): void {
    this.writeAt(join(this.source, path), text);
  }

  /** @param path of this machine */
  writeAt(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(path: string): string {
    return readFileSync(join(this.source, path), "utf8");
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "-m", message);
  }

  async git(...words: readonly string[]): Promise<string> {
    return (await execa("git", words, { cwd: this.source })).stdout;
  }

  /** The commit in a folder of its own, as a provider checks it out. */
  async checkOut(into: string): Promise<void> {
    await execa("git", ["clone", "--quiet", this.source, into]);
  }

  /** Runs the command that a failed report ends with, as it stands there, in another clone. */
  async repeat(output: string): Promise<Ended> {
    const line = /^.*?(git fetch origin [0-9a-f ]+ && git switch .* && slipway call .*)$/m.exec(output)?.[1];
    if (line === undefined) return { code: 0, output: `no command in\n${output}` };
    const clone = join(this.top, "laptop");
    await this.checkOut(clone);
    const env = this.env({ PATH: `${CHECKOUT}:${process.env["PATH"]}`, ...PERSON });
    const ran = await execa("sh", ["-c", line], { cwd: clone, env, extendEnv: false, reject: false, all: true });
    return { code: ran.exitCode, output: ran.all };
  }

  /** What was called, a line each: the words, and then the secrets that were there. */
  calls(): string[] {
    return existsSync(this.#calls) ? readFileSync(this.#calls, "utf8").split("\n").filter(Boolean) : [];
  }

  forgetCalls(): void {
    rmSync(this.#calls, { force: true });
  }

  /** The environment of a job: nothing of whoever runs the tests but where the engine keeps its things. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const kept = ["HOME", "LANG", "XDG_CACHE_HOME", "http_proxy", "https_proxy", "no_proxy"];
    const own = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    // Otherwise jobs that are in containers elsewhere have a store of their own, in which everything is made again.
    return {
      ...Object.fromEntries(own),
      SLIPWAY_STORE: storeDir(),
      CI: "true",
      PATH: `${this.bin}:${process.env["PATH"]}`,
      ...more,
    };
  }

  /** Keeps a folder of a run as an artifact of the provider. */
  keep(from: string, name: string): void {
    const to = join(this.top, "artifacts", name);
    if (existsSync(from)) cpSync(from, to, { recursive: true });
  }

  /** A file of an artifact; undefined when it did not arrive. */
  artifact(path: string): string | undefined {
    const file = join(this.top, "artifacts", path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  remove(): void {
    rmSync(this.top, { recursive: true, force: true });
  }
}

/** What a suite begins its scenes by: they are removed after each of its tests. */
export function scenesOf(tests: {
  readonly after: { each(hook: () => void): void };
}): (make: Promise<Scene>) => Promise<Scene> {
  const scenes: Scene[] = [];
  tests.after.each(() => {
    for (const scene of scenes.splice(0)) scene.remove();
  });
  return async (make) => {
    const scene = await make;
    scenes.push(scene);
    return scene;
  };
}

/** The jobs that ran, in their order, each with its exit code. */
export const codesOf = (ended: ReadonlyMap<string, Ended>) => [...ended].map(([name, { code }]) => [name, code]);

/** Who sits at the laptop. */
const PERSON = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

const SUM = "export const sum = (a, b) => a + b;\n";

const TEST = `import assert from "node:assert";
import { test } from "node:test";
import { sum } from "./sum.js";
test("adds", () => assert.equal(sum(1, 2), 3));
`;

const LOCK = `{ "name": "shop", "lockfileVersion": 3, "requires": true, "packages": { "": { "name": "shop" } } }\n`;

/** Gives a command no variable that it was not told to keep, as sudo does. */
const SUDO = `#!/bin/sh
set -eu
keep=\${1#--preserve-env=}
shift
set -- HOME="$HOME" PATH="$PATH" "$@"
for name in $(echo "$keep" | tr , ' ') SLIPWAY_STORE XDG_CACHE_HOME; do
  if printenv "$name" >/dev/null; then set -- "$name=$(printenv "$name")" "$@"; fi
done
exec env -i "$@"
`;

/** Steps ask whether Docker answers before they call; the engine that is called here needs none. */
const DOCKER = "#!/bin/sh\nexit 0\n";

/** Writes down the verb of a call, and its milliseconds. */
const TIMED = (calls: string) => `#!/bin/sh
begun=$(date +%s%3N)
code=0
"${SLIPWAY}" "$@" || code=$?
echo "$1 $(($(date +%s%3N) - begun))" >>${calls}
exit $code
`;

/** Writes down what is called. */
export function recorder(calls: string): string {
  return `#!/bin/sh
set -eu
case "$*" in
  "store key"*) echo slipway-key; exit ;;
  "store pack "*) echo packed >"$3"; exit ;;
  "store unpack "*) grep -q packed "$3"; exit ;;
esac
seen=
for name in REGISTRY_USERNAME REGISTRY_PASSWORD SIGNING_KEY RING_KUBECONFIG; do
  if printenv "$name" >/dev/null; then seen="$seen $name=$(printenv "$name")"; fi
done
printf '%s |%s\\n' "$*" "$seen" >>${calls}
case "$*" in
  *" release "*) echo '{ "release": 1 }' >release.json ;;
  *" deploy "*) grep -q '"release"' release.json ;;
  *" reports "*) mkdir -p reports && echo '<testsuites/>' >reports/junit.xml && echo 'exit 0' >reports/verdict.sh ;;
esac
case "$*" in *--approvals*) [ "$(cat .slipway-approvals)" = "signed by Ada" ] ;; esac
`;
}

/** What every provider calls on the protected branch, up to the first ring; secrets have the value of their place. */
export const CALLS_TO_CANARY = [
  "call --progress=logs reports --again -o reports |",
  "call --progress=logs --signing-key env:SIGNING_KEY release --username robot --password env:REGISTRY_PASSWORD -o release.json | REGISTRY_USERNAME=robot REGISTRY_PASSWORD=hush SIGNING_KEY=of publish",
  "call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json | RING_KUBECONFIG=of canary",
];

/** And when a person has let it into the next one. */
export const CALL_OF_PRODUCTION =
  "call --progress=logs --kubeconfig env:RING_KUBECONFIG --registry-username reader --registry-password env:REGISTRY_PASSWORD deploy --ring production --release release.json --approvals .slipway-approvals | REGISTRY_USERNAME=reader REGISTRY_PASSWORD=look RING_KUBECONFIG=of production";

/** The same where the file of the release is not handed on. */
export const PROMOTION = CALL_OF_PRODUCTION.replace(
  "deploy --ring production --release release.json",
  "promote --from canary --to production",
);

/** What arrives of the failure that `plantFailure` plants: the file and the line of the test, from the top of the repository. */
export const PLANTED = {
  place: 'file="sum.test.js" line="4"',
  command: "::error file=sum.test.js,line=4,col=",
  quality: { path: "sum.test.js", lines: { begin: 4 } },
  summary: /^- unit: adds: .* \\\(sum\.test\.js:4\\\)$/m,
} as const;

/** The login of the registry that the second ring has. */
export const READER = { REGISTRY_USERNAME: "reader", REGISTRY_PASSWORD: "look" };

/** The signed text of the approvals that `recorder` expects. */
export const SIGNED = "signed by Ada";
