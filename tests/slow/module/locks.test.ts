import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startFileServer } from "../../support/file-server.ts";
import { withModule, writeModule } from "../../support/served-module.ts";

const locks = suite("packages from the lock file of each package manager");

const dir = mkdtempSync(join(tmpdir(), "slipway-locks-"));
const storeDir = join(dir, "store");

locks.after(() => rmSync(dir, { recursive: true, force: true }));

const MS = "sha512-Tpp60P6IUJDTuOq/5Z8cdskzJujfwqfOTkrwIwj7IRISpnkJnT6SyJ4PCPnGMoFjC9ddhal5KVIYtAt97ix05A==";
const TYPESCRIPT = "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw==";

/** What ms 2.0.0 and TypeScript lock to; newer versions of ms are in the range that package.json gives. */
const LOCKS: Readonly<Record<string, readonly [string, string]>> = {
  npm: [
    "package-lock.json",
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "": { dependencies: { ms: "^2.0.0", typescript: "5.9.3" } },
        "node_modules/ms": { version: "2.0.0", integrity: MS },
        "node_modules/typescript": { version: "5.9.3", integrity: TYPESCRIPT },
      },
    }),
  ],
  yarn: [
    "yarn.lock",
    `# yarn lockfile v1

ms@^2.0.0:
  version "2.0.0"
  resolved "https://registry.yarnpkg.com/ms/-/ms-2.0.0.tgz#5608aeadfc00be6c2901df5f9861788de0d597c8"
  integrity ${MS}

typescript@5.9.3:
  version "5.9.3"
  resolved "https://registry.yarnpkg.com/typescript/-/typescript-5.9.3.tgz#5b4f59e15310ab17a216f5d6cf53ee476ede670f"
  integrity ${TYPESCRIPT}
`,
  ],
  pnpm: [
    "pnpm-lock.yaml",
    `lockfileVersion: '6.0'

dependencies:
  ms:
    specifier: ^2.0.0
    version: 2.0.0
  typescript:
    specifier: 5.9.3
    version: 5.9.3

packages:

  /ms@2.0.0:
    resolution: {integrity: ${MS}}
    dev: false

  /typescript@5.9.3:
    resolution: {integrity: ${TYPESCRIPT}}
    dev: false
`,
  ],
  "newer pnpm": [
    "pnpm-lock.yaml",
    `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      ms:
        specifier: ^2.0.0
        version: 2.0.0
      typescript:
        specifier: 5.9.3
        version: 5.9.3

packages:

  ms@2.0.0:
    resolution: {integrity: ${MS}}

  typescript@5.9.3:
    resolution: {integrity: ${TYPESCRIPT}}

snapshots:

  ms@2.0.0: {}

  typescript@5.9.3: {}
`,
  ],
  bun: [
    "bun.lock",
    JSON.stringify({
      lockfileVersion: 1,
      workspaces: { "": { dependencies: { ms: "^2.0.0", typescript: "5.9.3" } } },
      packages: { ms: ["ms@2.0.0", "", {}, MS], typescript: ["typescript@5.9.3", "", {}, TYPESCRIPT] },
    }),
  ],
};

const SOURCE = `import { func, object } from "@dagger.io/dagger";
import ms from "ms";
import { createRequire } from "node:module";
@object() export class Locked {
  @func() version(): string { return createRequire(import.meta.url)("ms/package.json").version + " " + ms("1s") }
}`;

for (const [manager, [file, text]] of Object.entries(LOCKS)) {
  locks(`of ${manager} are in the versions of ${file}`, async () => {
    const moduleDir = join(dir, manager);
    const packageJson = { type: "module", dependencies: { typescript: "5.9.3", ms: "^2.0.0" } };
    writeModule(moduleDir, "locked", SOURCE, {
      "ci/package.json": JSON.stringify(packageJson),
      [`ci/${file}`]: text,
    });
    await withModule({ storeDir, moduleDir }, async ({ call }) => {
      assert.is(await call(["version"]), "2.0.0 1000");
    });
  });
}

locks("that are damaged in a lock file are refused in the package manager's words", async () => {
  const moduleDir = join(dir, "damaged");
  const [file, text] = LOCKS["yarn"] as readonly [string, string];
  const packageJson = { type: "module", dependencies: { typescript: "5.9.3", ms: "^2.0.0" } };
  writeModule(moduleDir, "locked", SOURCE, {
    "ci/package.json": JSON.stringify(packageJson),
    [`ci/${file}`]: text.replace(MS, TYPESCRIPT),
  });
  const problem = await withModule({ storeDir, moduleDir }, async () => "loaded").catch(
    (error: Error) => error.message,
  );
  assert.match(problem, 'yarn could not install the packages of module "locked": error');
  assert.match(problem, "ntegrity");
});

async function versionWithoutLock(name: string, dependencies: object, rest: object): Promise<unknown> {
  const moduleDir = join(dir, name);
  writeModule(moduleDir, "locked", SOURCE, {
    "ci/package.json": JSON.stringify({ type: "module", dependencies, ...rest }),
  });
  return await withModule({ moduleDir, storeDir }, ({ call }) => call(["version"]));
}

locks(
  "without one are in the newest versions that fit, even where npm would refuse what they want beside them",
  async () => {
    const dependencies = { ms: "^2.0.0", react: "19.0.0", "react-dom": "18.3.1" };
    assert.match(String(await versionWithoutLock("peers", dependencies, {})), /^2\.[1-9].* 1000$/);
  },
);

locks("without one are in the versions that package.json sets for Yarn", async () => {
  assert.is(
    await versionWithoutLock("resolutions", { debug: "4.3.1" }, { resolutions: { ms: "2.0.0" } }),
    "2.0.0 1000",
  );
});

locks("are read by the npm that package.json names", async () => {
  const registry = await startFileServer();
  const agents = new Set<string>();
  registry.files.set("/ms", ({ headers }, response) => {
    agents.add(String(headers["user-agent"]).split(" ")[0] as string);
    response.writeHead(404).end();
  });
  const moduleDir = join(dir, "named");
  writeModule(moduleDir, "locked", SOURCE, {
    "ci/package.json": JSON.stringify({ packageManager: "npm@10.9.2", dependencies: { ms: "2.0.0" } }),
    "ci/.npmrc": `registry=${registry.url}\n`,
  });
  try {
    const problem = await withModule({ storeDir, moduleDir }, async () => "").catch((error: Error) => error.message);
    assert.match(problem, "npm could not install the packages");
    assert.equal([...agents], ["npm/10.9.2"]);
  } finally {
    await registry.stop();
  }
});

locks.run();
