import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "../../../engine/src/store/start-program.ts";
import { type Served, startFileServer } from "../../support/file-server.ts";
import { withModule, writeModule } from "../../support/served-module.ts";
import { withVariables } from "../../support/with-variables.ts";
import { writeFiles } from "../../support/write-files.ts";

const room = suite("installation of a stranger's packages");

const dir = mkdtempSync(join(tmpdir(), "slipway-package-room-"));
const storeDir = join(dir, "store");
const secrets = join(dir, "secrets");

room.before(() => writeFiles(dir, { "secrets/key": "a key of this machine\n" }));
room.after(() => rmSync(dir, { recursive: true, force: true }));

const SOURCE = `import { func, object } from "@dagger.io/dagger";
import { readdirSync } from "node:fs";
@object() export class Stranger {
  @func() files(): string[] { return readdirSync("/src/ci/node_modules", { recursive: true }).map(String) }
}`;

const JSON_TYPE = { "content-type": "application/json" };

let next = 0;
/** Names of all files that a module has in its packages, or why it has none. */
async function filesOf(packageJson: object, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const moduleDir = join(dir, `module-${next++}`);
  writeModule(moduleDir, "stranger", SOURCE, {
    "ci/package.json": JSON.stringify({ type: "module", ...packageJson }),
    ...more,
  });
  return await withModule({ storeDir, moduleDir }, async ({ call }) => String(await call(["files"]))).catch(
    (error: Error) => error.message,
  );
}

for (const packageManager of ["yarn@1.22.22", "pnpm@8.15.4", "npm@11.8.0"]) {
  room(`by ${packageManager} takes no folder of this machine for a package`, async () => {
    const found = await filesOf({ packageManager, dependencies: { stolen: `file:${secrets}` } });
    assert.not.match(found, "stolen/key");
    assert.not.match(found, "a key of this machine");
  });
}

for (const packageManager of ["yarn@1.22.22", "pnpm@8.15.4"]) {
  room(`by ${packageManager} gives nobody the person's own settings for it`, async () => {
    const found = await filesOf({ packageManager, dependencies: { stolen: "file:/root" } });
    assert.match(found, 'root is named as a package of module "stranger"');
    assert.match(found, "\n  to do: ");
  });
}

room("starts no program that a .npmrc names", async () => {
  const trace = join(dir, "was-started");
  writeFiles(dir, { "git.sh": `#!/bin/sh\ntouch ${trace}\nexit 1\n` }, 0o755);
  const found = await filesOf(
    { packageManager: "npm@11.8.0", dependencies: { far: "git+https://git.invalid/far.git" } },
    { "ci/.npmrc": `git=${join(dir, "git.sh")}\n` },
  );
  assert.match(found, "npm could not install the packages");
  assert.not(existsSync(trace));
});

room("sends no variable of this machine to the registry that a .npmrc names", async () => {
  const server = await startFileServer(new Map());
  const variables = { SLIPWAY_TEST_TOKEN: "a-token-of-this-machine" };
  try {
    const npmrc = `registry=${server.url}/\${SLIPWAY_TEST_TOKEN}/\nfetch-retries=0\n`;
    const packageJson = { packageManager: "npm@11.8.0", dependencies: { ms: "2.0.0" } };
    await withVariables(variables, () => filesOf(packageJson, { "ci/.npmrc": npmrc }));
    assert.ok(server.asked.length > 0);
    assert.not.match(JSON.stringify(server.asked), variables.SLIPWAY_TEST_TOKEN);
  } finally {
    await server.stop();
  }
});

room("by this machine's npm asks the command of a version manager where that is", async () => {
  const { stdout } = await runProgram(["sh", "-c", "command -v npm"]);
  writeFiles(dir, { "managed/npm": `#!/bin/sh\nexec ${stdout.toString("utf8").trim()} "$@"\n` }, 0o755);
  const PATH = `${join(dir, "managed")}:${process.env["PATH"]}`;
  const found = await withVariables({ PATH }, () => filesOf({ dependencies: { ms: "2.1.3" } }));
  assert.match(found, "ms/index.js");
});

for (const packageManager of ["npm@11.8.0", "yarn@1.22.22", "pnpm@8.15.4"]) {
  room(`by ${packageManager} says what to do where a registry wants a login`, async () => {
    const refuse: Served = new Map([
      ["/ms", (_, response) => void response.writeHead(401, JSON_TYPE).end('{"error":"authentication required"}')],
    ]);
    const server = await startFileServer(refuse);
    const host = server.url.replace("http:", "");
    try {
      const npmrc = `registry=${server.url}/\n${host}/:_authToken=\${SLIPWAY_TEST_TOKEN}\nfetch-retries=0\n`;
      const problem = await filesOf({ packageManager, dependencies: { ms: "2.0.0" } }, { "ci/.npmrc": npmrc });
      assert.match(problem, "\n  to do: write your login at this registry into ~/.npmrc");
    } finally {
      await server.stop();
    }
  });
}

room.run();
