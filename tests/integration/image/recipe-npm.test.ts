import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RecipeStep } from "../../../engine/src/image/recipe.ts";
import { fetchStep } from "../../../engine/src/image/recipe-fetch.ts";
import { type FileServer, startFileServer } from "../../support/file-server.ts";
import { withVariables } from "../../support/with-variables.ts";

/** A registry of npm on loopback, which the person has told npm about. */
const npm = suite("what recipes load from npm");

const dir = mkdtempSync(join(tmpdir(), "slipway-npm-"));
const TARBALL = "/tool/-/tool-1.0.0.tgz";
let server: FileServer;
let right: Buffer;
let wrong: Buffer;
let next = 0;

npm.before(async () => {
  right = pack("right");
  wrong = pack("wrong");
  server = await startFileServer();
});
npm.before.each(() => server.files.clear());
npm.after(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function pack(text: string): Buffer {
  const tree = join(dir, text);
  mkdirSync(join(tree, "package"), { recursive: true });
  writeFileSync(join(tree, "package/package.json"), '{"name":"tool","version":"1.0.0"}');
  writeFileSync(join(tree, "package/text"), text);
  return execFileSync("tar", ["--create", "--gzip", "--directory", tree, "package"]);
}

function sha512(content: Buffer): string {
  return createHash("sha512").update(content).digest("base64");
}

/** What the registry says of the package: that it is `said`. It gives `given`. */
function serve(said: Buffer, given: Buffer): void {
  const dist = { tarball: `${server.url}${TARBALL}`, integrity: `sha512-${sha512(said)}` };
  const versions = { "1.0.0": { name: "tool", version: "1.0.0", dist } };
  server.files.set("/tool", JSON.stringify({ name: "tool", "dist-tags": { latest: "1.0.0" }, versions }));
  server.files.set(TARBALL, given);
}

/** Why the package of the recipe is refused, which is `right`; empty when it is taken. And what is left. */
async function load() {
  const folder = join(dir, `load-${next++}`);
  const step: RecipeStep = {
    kind: "npm",
    package: "tool",
    version: "1.0.0",
    integrity: `sha512-${sha512(right)}`,
    into: "/opt/tool",
    executables: [],
  };
  const env = {
    npm_config_registry: server.url,
    npm_config_cache: join(dir, `cache-${next}`),
    npm_config_fetch_retries: "0",
  };
  const why = await withVariables(env, () =>
    fetchStep(step, folder).then(
      () => "",
      ({ message }: Error) => message,
    ),
  );
  return { why, left: readdirSync(folder) };
}

npm("a package comes from the registry that npm is set to", async () => {
  serve(right, right);
  assert.equal(await load(), { why: "", left: ["tool-1.0.0.tgz"] });
});

npm("a package that is not what the registry says is refused by npm, in its words", async () => {
  serve(right, wrong);
  const { why, left } = await load();
  assert.match(
    why,
    /^tool@1\.0\.0 could not be downloaded from npm: npm failed with exit code 1:\nnpm error code EINTEGRITY\n/,
  );
  assert.match(why, `wanted sha512-${sha512(right)} but got sha512-${sha512(wrong)}.`);
  assert.is(why.split("\n").at(-1), "  to do: check npm's settings (npm config list)");
  assert.equal(left, []);
});

npm("a package that is what the registry says, but not what the recipe names, is refused", async () => {
  serve(wrong, wrong);
  const { why, left } = await load();
  assert.is(
    why,
    [
      `tool@1.0.0 from ${server.url} is not what the recipe names`,
      `  expected: SHA-512 ${sha512(right)}`,
      `  got:      SHA-512 ${sha512(wrong)}, ${wrong.length} bytes, packed by gzip`,
      "  to do: check what answers there (a mirror, a proxy that wants a login), or set another place by npm's registry (npm config set registry ADDRESS); nothing of it was kept",
    ].join("\n"),
  );
  assert.equal(left, []);
});

npm("a package that has gone is told in npm's words", async () => {
  const { why } = await load();
  assert.match(
    why,
    /^tool@1\.0\.0 could not be downloaded from npm: npm failed with exit code 1:\nnpm error code E404\n/,
  );
});

npm.run();
