import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const node = suite("detection: node");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  [
    "takes scripts, the lock file, and the newest release that engines allows",
    {
      "package.json":
        '{"name":"api","scripts":{"lint":"eslint .","test":"vitest run","build":"tsc","start":"node dist/index.js"},"engines":{"node":">=20"},"devDependencies":{"typescript":"5"}}',
      "package-lock.json": "",
      "tsconfig.json": "{}",
      "src/index.ts": "",
    },
    [
      "node in .",
      "  npm (package-lock.json), 24 (package.json engines.node), node:24-bookworm",
      "  lint: npm run lint (package.json scripts.lint)",
      "  unit: npm run test (package.json scripts.test)",
      "  build: npm run build (package.json scripts.build)",
      "  main: node dist/index.js (package.json scripts.start)",
    ],
  ],
  [
    "takes packageManager with its hash, test:unit before test, and every script that checks",
    {
      "package.json":
        '{"packageManager":"pnpm@9.12.0+sha512.abc","scripts":{"typecheck":"tsc --noEmit","test:unit":"vitest run","test":"vitest","test:integration":"vitest run -c i","format:check":"prettier -c ."}}',
      "pnpm-lock.yaml": "",
      ".nvmrc": "v22.11.0\n",
    },
    [
      "node in .",
      "  pnpm (package.json packageManager), 22 (.nvmrc), node:22-bookworm",
      "  lint: pnpm run format:check (package.json scripts.format:check)",
      "  lint: pnpm run typecheck (package.json scripts.typecheck)",
      "  unit: pnpm run test:unit (package.json scripts.test:unit)",
      "  integration: pnpm run test:integration (package.json scripts.test:integration)",
    ],
  ],
  [
    "takes yarn by its lock file and .node-version",
    { "package.json": '{"scripts":{"test":"jest"}}', "yarn.lock": "", ".node-version": "20" },
    [
      "node in .",
      "  yarn (yarn.lock), 20 (.node-version), node:20-bookworm",
      "  unit: yarn run test (package.json scripts.test)",
    ],
  ],
  [
    "takes a newer yarn by packageManager",
    {
      "package.json": '{"packageManager":"yarn@4.5.0","scripts":{"test":"jest"}}',
      "yarn.lock": "",
      ".yarnrc.yml": "nodeLinker: node-modules",
      "README.md": "",
    },
    [
      "node in .",
      "  yarn (package.json packageManager), 24 (the newest long-term release), node:24-bookworm",
      "  unit: yarn run test (package.json scripts.test)",
    ],
  ],
  [
    "takes npm-shrinkwrap.json for a lock file of npm",
    { "package.json": "{}", "npm-shrinkwrap.json": "" },
    ["node in .", "  npm (npm-shrinkwrap.json), 24 (the newest long-term release), node:24-bookworm"],
  ],
  [
    "asks when two lock files are there",
    { "package.json": '{"dependencies":{"a":"1"}}', "package-lock.json": "", "yarn.lock": "" },
    [
      "package-lock.json and yarn.lock both exist: npm or yarn?",
      "  where: the top",
      "  to do: remove the one that is not used, or write `packageManager` into package.json",
    ],
  ],
  [
    "asks nothing when packageManager says which of two lock files counts",
    { "package.json": '{"packageManager":"pnpm@9.0.0"}', "package-lock.json": "", "pnpm-lock.yaml": "" },
    ["node in .", "  pnpm (package.json packageManager), 24 (the newest long-term release), node:24-bookworm"],
  ],
  [
    "asks when packageManager and the only lock file do not agree",
    { "package.json": '{"packageManager":"pnpm@9.0.0"}', "package-lock.json": "" },
    [
      "package.json packageManager says pnpm, but the lock file is package-lock.json",
      "  where: package.json packageManager, package-lock.json",
      "  to do: install once by pnpm and commit its lock file, or change what says pnpm",
    ],
  ],
  [
    "says that bun is not known",
    { "package.json": "{}", "bun.lockb": "" },
    [
      "packages are installed by bun, which Slipway does not know",
      "  where: bun.lockb",
      "  to do: build the service with a Dockerfile and exclude its folder (`projects: { FOLDER: false }` in slipway.yaml), or install with npm, pnpm or yarn",
    ],
  ],
  [
    "needs no lock file without dependencies, and takes server.js as npm does",
    { "package.json": '{"scripts":{"test":"node --test"}}', "server.js": "" },
    [
      "node in .",
      "  npm (package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm",
      "  unit: npm run test (package.json scripts.test)",
      "  main: node server.js (server.js)",
    ],
  ],
  [
    "remarks on a missing lock file, and takes npm's own placeholder for no test",
    {
      "package.json":
        '{"dependencies":{"express":"4"},"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
    },
    [
      "node in .",
      "  npm (package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm",
      "  remark: package.json has no lock file: other versions may be installed another day; commit the one of npm",
    ],
  ],
  [
    "takes the configured runner of tests when no script is there, and no linter that nobody runs",
    {
      "package.json":
        '{"scripts":{"build":"tsc -p tsconfig.build.json && cp a b"},"devDependencies":{"@biomejs/biome":"2","vitest":"3","typescript":"5","eslint":"9"}}',
      "package-lock.json": "",
      "biome.json": "",
      "vitest.config.ts": "",
      "eslint.config.mjs": "",
    },
    [
      "node in .",
      "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  lint: npx --no -- tsc -p tsconfig.build.json --noEmit (package.json scripts.build)",
      "  unit: npx --no -- vitest run (vitest.config.ts)",
      "  build: npm run build (package.json scripts.build)",
    ],
  ],
  [
    "runs no tool that is not among the packages",
    { "package.json": "{}", "package-lock.json": "", ".eslintrc.json": "", "jest.config.js": "" },
    ["node in .", "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm"],
  ],
  [
    "takes jest that is configured in package.json",
    { "package.json": '{"jest":{},"devDependencies":{"jest":"29"}}', "package-lock.json": "" },
    [
      "node in .",
      "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  unit: npx --no -- jest (package.json)",
    ],
  ],
  [
    "says where package.json is not JSON",
    { "package.json": '{ "a": ', "package-lock.json": "" },
    [
      "package.json cannot be read as JSON: Unexpected end of JSON input",
      "  where: package.json",
      "  to do: repair package.json",
    ],
  ],
  [
    "asks when two places name different versions",
    { "package.json": '{"volta":{"node":"20.1.0"}}', ".nvmrc": "22" },
    [
      ".nvmrc says Node 22, package.json volta.node says Node 20",
      "  where: .nvmrc, package.json volta.node",
      "  to do: make them agree, or remove one",
    ],
  ],
  [
    "asks when .nvmrc is not in engines",
    { "package.json": '{"engines":{"node":">=22"}}', ".nvmrc": "20" },
    [
      ".nvmrc says Node 20, which is not in package.json engines.node (>=22)",
      "  where: .nvmrc, package.json engines.node",
      "  to do: make them agree",
    ],
  ],
  [
    "knows the names of long-term releases",
    { "package.json": "{}", ".nvmrc": "lts/jod" },
    ["node in .", "  npm (package.json, without a lock file), 22 (.nvmrc), node:22-bookworm"],
  ],
  [
    "refuses a version that is none",
    { "package.json": "{}", ".nvmrc": "system" },
    [
      'Node "system" is not a version that Slipway knows',
      "  where: .nvmrc",
      "  to do: write a number, such as 24 or 24.13.1",
    ],
  ],
  [
    "refuses a range that it does not understand",
    { "package.json": '{"engines":{"node":"latest-ish"}}' },
    [
      'package.json engines.node is "latest-ish", which Slipway does not understand',
      "  where: package.json engines.node",
      '  to do: write a range, such as ">=22"',
    ],
  ],
  [
    "says when no maintained release is allowed",
    { "package.json": '{"engines":{"node":"^14"}}' },
    [
      "no long-term release of Node (24, 26, 22, 20, 18, 16) is in package.json engines.node (^14)",
      "  where: package.json engines.node",
      "  to do: widen engines.node, or write the version into .nvmrc",
    ],
  ],
  [
    "reads the line of Node in .tool-versions",
    { "package.json": "{}", ".tool-versions": "# x\npython 3.12\nnodejs 20.9.0\n" },
    ["node in .", "  npm (package.json, without a lock file), 20 (.tool-versions), node:20-bookworm"],
  ],
  [
    "prefers start:prod, and takes the port of the Dockerfile beside it",
    {
      "package.json": '{"scripts":{"start":"nest start","start:prod":"node dist/main"}}',
      "package-lock.json": "",
      Dockerfile: "FROM node:22\nEXPOSE 3000\nCMD x\n",
    },
    [
      "node in .",
      "  npm (package-lock.json), 22 (Dockerfile FROM), node:22-bookworm",
      "  main: node dist/main (package.json scripts.start:prod)",
      "  port: 3000 (Dockerfile EXPOSE)",
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), node:22",
      "  main: Dockerfile (Dockerfile)",
      "  port: 3000 (Dockerfile EXPOSE)",
    ],
  ],
  [
    "finds members of workspaces of npm, those left out by themselves, and gives what the root checks to the root",
    {
      "package.json":
        '{"private":true,"workspaces":["packages/*","apps/*","!apps/old"],"scripts":{"lint":"eslint .","build":"tsc -b"}}',
      "package-lock.json": "",
      "packages/lib/package.json": '{"name":"@x/lib","scripts":{"test":"vitest run"}}',
      "apps/api/package.json":
        '{"name":"api","dependencies":{"@x/lib":"*"},"scripts":{"lint":"eslint src","test":"vitest run","start":"node dist/main.js"}}',
      "apps/old/package.json": '{"name":"old"}',
      "tsconfig.json": "{}",
    },
    [
      "node in .",
      "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  lint: npm run lint (package.json scripts.lint)",
      "  build: npm run build (package.json scripts.build)",
      "node in apps/api of .",
      "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  unit: npm run test (apps/api/package.json scripts.test)",
      "  main: node dist/main.js (apps/api/package.json scripts.start)",
      "node in apps/old",
      "  npm (apps/old/package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm",
      "node in packages/lib of .",
      "  npm (package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  unit: npm run test (packages/lib/package.json scripts.test)",
    ],
  ],
  [
    "finds members in pnpm-workspace.yaml at any depth",
    {
      "package.json": '{"private":true,"packageManager":"pnpm@10.18.3"}',
      "pnpm-lock.yaml": "",
      "pnpm-workspace.yaml": "packages:\n  - 'services/**'\n",
      "services/a/package.json": '{"name":"a","scripts":{"start":"node ."}}',
      "services/x/b/package.json": '{"name":"b"}',
    },
    [
      "node in .",
      "  pnpm (package.json packageManager), 24 (the newest long-term release), node:24-bookworm",
      "node in services/a of .",
      "  pnpm (package.json packageManager), 24 (the newest long-term release), node:24-bookworm",
      "  main: node . (services/a/package.json scripts.start)",
      "node in services/x/b of .",
      "  pnpm (package.json packageManager), 24 (the newest long-term release), node:24-bookworm",
    ],
  ],
  [
    "reads workspaces written as an object",
    {
      "package.json": '{"private":true,"workspaces":{"packages":["p/*"]}}',
      "yarn.lock": "",
      "p/a/package.json": '{"name":"a","scripts":{"test":"jest"}}',
    },
    [
      "node in .",
      "  yarn (yarn.lock), 24 (the newest long-term release), node:24-bookworm",
      "node in p/a of .",
      "  yarn (yarn.lock), 24 (the newest long-term release), node:24-bookworm",
      "  unit: yarn run test (p/a/package.json scripts.test)",
    ],
  ],
  [
    "takes no port of a Dockerfile that exposes several, however they stand there",
    { "package.json": "{}", Dockerfile: "FROM node:22\nEXPOSE 8080 9090\nEXPOSE 7070\n" },
    [
      "node in .",
      "  npm (package.json, without a lock file), 22 (Dockerfile FROM), node:22-bookworm",
      "dockerfile in .",
      "  dockerfile (Dockerfile), 1 (Dockerfile), node:22",
      "  main: Dockerfile (Dockerfile)",
    ],
  ],
  [
    "refuses packageManager without a version",
    { "package.json": '{"packageManager":"pnpm"}', "pnpm-lock.yaml": "" },
    [
      'packageManager is "pnpm"',
      "  where: package.json",
      "  to do: write npm, pnpm or yarn with its whole version: pnpm@10.18.3",
    ],
  ],
];

for (const [name, shape, said] of cases) node(name, () => assert.equal(tellAll(shape), said));

node.run();
