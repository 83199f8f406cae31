import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findDifference } from "../../conformance/answer-difference.ts";
import { type CaseSession, openCaseSession } from "../../support/case-session.ts";
import { type GitServer, startGitServer } from "../../support/git-server.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { writeFiles } from "../../support/write-files.ts";

interface Step {
  readonly query?: string;
  /** Asked of the registry in place of a query: the registry: the media types of this repository's `1` and of its layers. */
  readonly manifest?: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly save?: string;
  /** What is saved is the first of a list. */
  readonly first?: true;
  /** Of a list only what is there counts. */
  readonly present?: true;
  /** It is asked by a function of the module in the folder `asker`. */
  readonly in?: "function";
}

interface Cases {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Commits of a git repository at `${GIT}` (its port alone: `${GIT_PORT}`); each may have a tag, and is known as `${COMMIT1}`, `${COMMIT2}`. */
  readonly commits?: readonly { readonly tag?: string; readonly files: Readonly<Record<string, string>> }[];
  /** An empty registry on this machine, at `${REGISTRY}`; its port alone is `${REGISTRY_PORT}`. */
  readonly registry?: true;
  readonly cases: readonly { readonly name: string; readonly steps: readonly Step[] }[];
}

const folder = new URL("../../conformance/cases/", import.meta.url);

for (const name of readdirSync(folder)) {
  const {
    files = {},
    env = {},
    commits = [],
    registry: wantsRegistry = false,
    cases,
  } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Cases;
  const group = suite(name.replace(/\.json$/, ""));
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-api-")));
  const workdir = join(dir, "work");
  const places: Record<string, string> = { WORK: workdir };
  let session: CaseSession;
  let git: GitServer | undefined;
  let registry: Registry | undefined;

  group.before(async () => {
    if (commits.length > 0) {
      git = await startGitServer();
      places["GIT"] = git.url;
      places["GIT_PORT"] = new URL(git.url).port;
      for (const [nth, { tag, files: committed }] of commits.entries()) {
        places[`COMMIT${nth + 1}`] = git.commit(committed);
        if (tag !== undefined) git.tag(tag);
      }
    }
    if (wantsRegistry) {
      registry = await startRegistry();
      places["REGISTRY"] = registry.address;
      places["REGISTRY_PORT"] = new URL(`http://${registry.address}`).port;
    }
    const filled = Object.entries(files).map(([path, text]) => [path, fillIn(text, places)]);
    writeFiles(workdir, { ".keep": "", ...Object.fromEntries(filled) });
    session = await openCaseSession({ workdir, storeDir: join(dir, "store"), env });
  });
  group.after(async () => {
    await session.close();
    await git?.stop();
    await registry?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const { name: sentence, steps } of cases) {
    group(sentence, async () => {
      const known = { ...places };
      for (const step of steps) {
        const fill = (text: string) => fillIn(text, known);
        if (step.manifest !== undefined) {
          const types = await mediaTypes(places["REGISTRY"] ?? "", step.manifest);
          assert.equal(types, step.value);
          continue;
        }
        const body = await session.ask(fill(step.query ?? ""), step.in);
        const message = body.errors?.[0]?.message;
        const value = step.present ? presentValues(onlyValue(body.data)) : onlyValue(body.data);
        const came = message === undefined ? { value } : { error: message };
        if (step.save !== undefined) known[step.save] = String(step.first ? firstValue(came.value) : came.value);
        if (step.save !== undefined && step.value === undefined) assert.is(message, undefined);
        else if ("error" in step) assert.is(findDifference({ error: fill(step.error ?? "") }, came), undefined);
        else assert.is(findDifference(filled({ value: step.value }, fill), came), undefined);
      }
    });
  }

  group.run();
}

async function mediaTypes(registry: string, repository: string): Promise<readonly string[]> {
  const types = ["vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json"];
  const headers = { accept: types.map((type) => `application/${type}`).join(", ") };
  const answer = await fetch(`http://${registry}/v2/${repository}/manifests/1`, { headers });
  const manifest = (await answer.json()) as { mediaType: string; layers: { mediaType: string }[] };
  return [manifest, ...manifest.layers].map(({ mediaType }) => mediaType);
}

function fillIn(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, key: string) => known[key] ?? whole);
}

/** The first value of a list, and of the lists in it. */
function firstValue(list: unknown): unknown {
  const first = onlyValue((list as readonly unknown[])[0]);
  return Array.isArray(first) ? firstValue(first) : first;
}

function presentValues(list: unknown): unknown {
  return (list as readonly unknown[]).map(onlyValue).filter((value) => value !== null);
}

/** A value with the names of earlier values in its texts replaced. */
function filled(value: unknown, fill: (text: string) => string): unknown {
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) => (typeof item === "string" ? fill(item) : item));
}

/** The one value that an answer has, however deep it lies. */
function onlyValue(data: unknown): unknown {
  let value = data;
  while (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const inner = Object.values(value);
    if (inner.length !== 1) return value;
    value = inner[0];
  }
  return value;
}
