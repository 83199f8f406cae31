import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyMember, onlyProject, type Shape, tellSteps } from "./told.ts";

const install = suite("installing dependencies");

const PIP = "pip install --root-user-action=ignore --disable-pip-version-check --no-compile";

interface Plan {
  readonly install: readonly string[];
  readonly production: readonly string[];
  readonly setup: readonly string[];
  readonly productionSetup: readonly string[];
}

/** A repository, the steps that install its dependencies, and what these read. */
const cases: readonly (readonly [string, Shape, Plan, readonly string[]])[] = [
  [
    "npm installs by the lock file, and once more without what is for development",
    {
      "package.json": '{"scripts":{"postinstall":"prisma generate","prepare":"husky"}}',
      "package-lock.json": "",
      ".npmrc": "",
    },
    {
      install: [".: node -e … package.json", ".: npm ci --no-audit --no-fund"],
      production: [".: node -e … package.json", ".: npm ci --no-audit --no-fund --omit=dev"],
      setup: [".: npm run postinstall"],
      productionSetup: [],
    },
    ["package.json", "package-lock.json", ".npmrc"],
  ],
  [
    "npm installs without a lock file when there is none",
    { "package.json": '{"dependencies":{"a":"1"}}' },
    {
      install: [".: node -e … package.json", ".: npm install --no-audit --no-fund"],
      production: [".: node -e … package.json", ".: npm install --no-audit --no-fund --omit=dev"],
      setup: [],
      productionSetup: [],
    },
    ["package.json"],
  ],
  [
    "pnpm comes in the version that packageManager names",
    { "package.json": '{"packageManager":"pnpm@9.12.0"}', "pnpm-lock.yaml": "", "patches/a.patch": "" },
    {
      install: [
        ".: npm install --global --force --no-audit --no-fund pnpm@9.12.0",
        ".: node -e … package.json",
        ".: pnpm install --frozen-lockfile --store-dir /cache/pnpm",
      ],
      production: [
        ".: npm install --global --force --no-audit --no-fund pnpm@9.12.0",
        ".: node -e … package.json",
        ".: pnpm install --frozen-lockfile --store-dir /cache/pnpm --prod",
      ],
      setup: [],
      productionSetup: [],
    },
    ["package.json", "pnpm-lock.yaml", "patches/**"],
  ],
  [
    "the first yarn installs with its own words",
    { "package.json": "{}", "yarn.lock": "" },
    {
      install: [
        ".: npm install --global --force --no-audit --no-fund yarn@1.22.22",
        ".: node -e … package.json",
        ".: yarn install --non-interactive --frozen-lockfile",
      ],
      production: [
        ".: npm install --global --force --no-audit --no-fund yarn@1.22.22",
        ".: node -e … package.json",
        ".: yarn install --non-interactive --frozen-lockfile --production",
      ],
      setup: [],
      productionSetup: [],
    },
    ["package.json", "yarn.lock"],
  ],
  [
    "a newer yarn comes from npm's registry",
    {
      "package.json": '{"packageManager":"yarn@4.5.0"}',
      "yarn.lock": "",
      ".yarnrc.yml": "",
      ".yarn/plugins/x.cjs": "",
    },
    {
      install: [
        ".: npm install --global --force --no-audit --no-fund @yarnpkg/cli-dist@4.5.0",
        ".: node -e … package.json",
        ".: yarn install --immutable",
      ],
      production: [
        ".: npm install --global --force --no-audit --no-fund @yarnpkg/cli-dist@4.5.0",
        ".: node -e … package.json",
        ".: yarn workspaces focus --production",
      ],
      setup: [],
      productionSetup: [],
    },
    ["package.json", "yarn.lock", ".yarnrc.yml", ".yarn/plugins/**"],
  ],
  [
    "uv installs groups for checks, then the project itself",
    {
      "pyproject.toml":
        '[project]\nname = "consumer"\n[dependency-groups]\ndev = ["pytest"]\n[build-system]\nrequires = ["hatchling"]\n',
      "uv.lock": "",
    },
    {
      install: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5",
        ".: uv sync --frozen --no-install-workspace --group dev",
      ],
      production: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5",
        ".: uv sync --frozen --no-install-workspace --no-default-groups",
      ],
      setup: [".: uv sync --frozen --group dev"],
      productionSetup: [".: uv sync --frozen --no-default-groups --no-editable"],
    },
    ["pyproject.toml", "uv.lock"],
  ],
  [
    "Poetry installs groups for checks, in production the main one",
    {
      "pyproject.toml":
        '[tool.poetry]\nname="a"\n[tool.poetry.group.test.dependencies]\npytest="*"\n[build-system]\nrequires=[]\n',
      "poetry.lock": "",
    },
    {
      install: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile poetry==2.2.1",
        ".: poetry install --no-interaction --no-root --with test",
      ],
      production: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile poetry==2.2.1",
        ".: poetry install --no-interaction --no-root --only main",
      ],
      setup: [".: poetry install --no-interaction --only-root"],
      productionSetup: [".: poetry install --no-interaction --only-root"],
    },
    ["pyproject.toml", "poetry.lock"],
  ],
  [
    "pip installs requirement files into an environment",
    {
      "requirements.txt": "a",
      "requirements-dev.txt": "-r requirements.txt\n-c constraints.txt",
      "constraints.txt": "",
      "a.py": "",
    },
    {
      install: [
        ".: python -m venv --without-pip .venv",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt -r requirements-dev.txt",
      ],
      production: [
        ".: python -m venv --without-pip .venv",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt",
      ],
      setup: [],
      productionSetup: [],
    },
    ["requirements.txt", "requirements-dev.txt", "constraints.txt"],
  ],
  [
    "pip installs what lies in the repository once its sources are there",
    {
      "requirements.txt": "-e .[http2]\n../lib\nchardet==5.2.0\ngit+https://host/x\n",
      "pyproject.toml": '[project]\nname="a"\ndynamic=["version"]\n[build-system]\nrequires=[]\n',
      "a.py": "",
    },
    {
      install: [
        ".: python -m venv --without-pip .venv",
        ".: sed -i -E /^[[:space:]]*((-e|--editable)[[:space:]=]*)?\\./d requirements.txt",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt",
      ],
      production: [
        ".: python -m venv --without-pip .venv",
        ".: sed -i -E /^[[:space:]]*((-e|--editable)[[:space:]=]*)?\\./d requirements.txt",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt",
      ],
      setup: [
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt",
      ],
      productionSetup: [
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile -r requirements.txt",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile .",
      ],
    },
    ["pyproject.toml", "requirements.txt"],
  ],
  [
    "uv without a lock file waits for the sources of a package that reads its version from them",
    {
      "pyproject.toml":
        '[project]\nname="a"\ndynamic=["version"]\n[dependency-groups]\ndev=["pytest"]\n[build-system]\nrequires=[]\n[tool.uv]\n',
    },
    {
      install: [".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5"],
      production: [".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5"],
      setup: [".: uv sync --group dev"],
      productionSetup: [".: uv sync --no-default-groups --no-editable"],
    },
    ["pyproject.toml"],
  ],
  [
    "uv installs a project that says it is a package, without a build system",
    { "pyproject.toml": '[project]\nname="a"\n[tool.uv]\npackage = true\n', "uv.lock": "" },
    {
      install: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5",
        ".: uv sync --frozen --no-install-workspace",
      ],
      production: [
        ".: pip install --root-user-action=ignore --disable-pip-version-check --no-compile uv==0.9.5",
        ".: uv sync --frozen --no-install-workspace --no-default-groups",
      ],
      setup: [".: uv sync --frozen"],
      productionSetup: [".: uv sync --frozen --no-default-groups --no-editable"],
    },
    ["pyproject.toml", "uv.lock"],
  ],
  [
    "pip installs what pyproject.toml lists",
    {
      "pyproject.toml":
        '[project]\nname="a"\ndependencies=["httpx>=0.27"]\n[project.optional-dependencies]\ntest=["pytest"]\n[build-system]\nrequires=[]\n',
      "README.md": "",
    },
    {
      install: [
        ".: python -m venv --without-pip .venv",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile httpx>=0.27 pytest",
      ],
      production: [
        ".: python -m venv --without-pip .venv",
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile httpx>=0.27",
      ],
      setup: [
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile --editable .[test]",
      ],
      productionSetup: [
        ".: pip --python .venv/bin/python install --root-user-action=ignore --disable-pip-version-check --no-compile .",
      ],
    },
    ["pyproject.toml"],
  ],
  [
    "Go downloads its modules",
    { "go.mod": "module x\ngo 1.24\nreplace a => ../b\n", "go.sum": "", "main.go": "package main" },
    { install: [".: go mod download"], production: [], setup: [], productionSetup: [] },
    ["go.mod", "go.sum"],
  ],
  [
    "Go downloads nothing that is vendored",
    { "go.mod": "module x\ngo 1.24\n", "vendor/modules.txt": "" },
    { install: [], production: [], setup: [], productionSetup: [] },
    ["go.mod"],
  ],
  [
    "Maven and its cache need no step",
    { "pom.xml": "<project><artifactId>a</artifactId></project>" },
    { install: [], production: [], setup: [], productionSetup: [] },
    ["pom.xml"],
  ],
];

/** The same for what is not the manager's own. */
const more: typeof cases = [
  [
    "pdm installs by the lock file, then the package itself",
    {
      "pyproject.toml":
        '[project]\nname = "a"\n[project.optional-dependencies]\ntest = ["pytest"]\n[build-system]\nrequires = ["pdm-backend"]\n',
      "pdm.lock": "",
    },
    {
      install: [`.: ${PIP} pdm==2.29.4 hishel<2`, ".: python -m venv .venv", ".: pdm sync --no-self -G test"],
      production: [`.: ${PIP} pdm==2.29.4 hishel<2`, ".: python -m venv .venv", ".: pdm sync --no-self --prod"],
      setup: [".: pdm sync -G test"],
      productionSetup: [".: pdm sync --prod --no-editable"],
    },
    ["pyproject.toml", "pdm.lock"],
  ],
  [
    "pipenv installs what is locked",
    { Pipfile: '[packages]\nflask = "*"\n', "Pipfile.lock": "" },
    {
      install: [`.: ${PIP} pipenv==2026.10.3`, ".: python -m venv .venv", ".: pipenv sync --dev"],
      production: [`.: ${PIP} pipenv==2026.10.3`, ".: python -m venv .venv", ".: pipenv sync"],
      setup: [],
      productionSetup: [],
    },
    ["Pipfile", "Pipfile.lock"],
  ],
  [
    "pipenv waits for the sources of a package that is the project itself",
    { Pipfile: '[packages]\nself = {path = ".", editable = true}\n', "setup.py": "from setuptools import setup\n" },
    {
      install: [`.: ${PIP} pipenv==2026.10.3`],
      production: [`.: ${PIP} pipenv==2026.10.3`],
      setup: [".: python -m venv .venv", ".: pipenv install --skip-lock --dev"],
      productionSetup: [".: python -m venv .venv", ".: pipenv install --skip-lock"],
    },
    ["Pipfile"],
  ],
];

install("makes the client of Prisma once the schema is there", () => {
  const manifest = { dependencies: { "@prisma/client": "6" }, devDependencies: { prisma: "6" } };
  const setupOf = (files: Shape, path = ".", member = manifest) =>
    tellSteps(
      onlyMember({ [path === "." ? "package.json" : `${path}/package.json`]: JSON.stringify(member), ...files }, path)
        .setup,
    );
  assert.equal(setupOf({ "prisma/schema.prisma": "" }), [".: npx --no -- prisma generate"]);
  assert.equal(setupOf({ "prisma/schema/user.prisma": "", "pnpm-lock.yaml": "" }), [".: pnpm exec prisma generate"]);
  assert.equal(setupOf({ "package.json": JSON.stringify({ ...manifest, prisma: { schema: "db/a.prisma" } }) }), [
    ".: npx --no -- prisma generate",
  ]);
  assert.equal(setupOf({}), []);
  assert.equal(setupOf({ "prisma/schema.prisma": "", "package.json": "{}" }), []);
  const top = JSON.stringify({ workspaces: ["p/*"] });
  const api = JSON.stringify({ name: "api", dependencies: { db: "*" } });
  const db = {
    "package.json": top,
    "p/db/package.json": JSON.stringify({ name: "db", ...manifest }),
    "p/db/prisma/schema.prisma": "",
  };
  assert.equal(tellSteps(onlyMember({ ...db, "p/api/package.json": api, "yarn.lock": "" }, "p/api").setup), [
    "p/db: yarn run prisma generate",
  ]);
});

for (const [name, shape, plan, reads] of [...cases, ...more]) {
  install(name, () => {
    const project = onlyProject(shape);
    assert.equal(
      {
        install: tellSteps(project.install),
        production: tellSteps(project.production),
        setup: tellSteps(project.setup),
        productionSetup: tellSteps(project.productionSetup ?? []),
      },
      plan,
    );
    assert.equal(project.packages, { include: reads, exclude: [] });
  });
}

install("reads the members of a workspace that a package needs, builds them first, and none of the others", () => {
  const manifest = (value: object) => JSON.stringify(value);
  const project = onlyMember(
    {
      "package.json": manifest({ workspaces: ["p/*"] }),
      "package-lock.json": "",
      "tsconfig.base.json": "{}",
      "README.md": "",
      "p/api/package.json": manifest({ name: "api", dependencies: { mid: "*", hono: "4" } }),
      "p/mid/package.json": manifest({ name: "mid", dependencies: { low: "*" }, scripts: { build: "tsc" } }),
      "p/low/package.json": manifest({ name: "low", scripts: { build: "tsc" } }),
      "p/other/package.json": manifest({ name: "other" }),
    },
    "p/api",
  );
  assert.equal(tellSteps(project.setup), ["p/low: npm run build", "p/mid: npm run build"]);
  assert.equal(project.reads.include, [
    ...["package-lock.json", "package.json", "tsconfig.base.json"],
    ...["p/api/**", "p/mid/**", "p/low/**"],
  ]);
  assert.equal(
    tellSteps(project.production).at(-1),
    ".: npm ci --no-audit --no-fund --omit=dev --workspace api --include-workspace-root",
  );
});

install("leaves files for people out of what is read, unless the build of the package names them", () => {
  const files = { "README.md": "", "docs/LICENSE": "", "pkg/a.py": "" };
  const names = (text: string) =>
    onlyProject({ ...files, "pyproject.toml": text }).reads.exclude.filter((one) => !one.startsWith("**/"));
  const plain = '[project]\nname = "a"\n';
  assert.equal(names(plain), [
    "slipway.yaml",
    "dagger.json",
    "release.json",
    "release-*.json",
    "approvals-*",
    "README.md",
    "docs/LICENSE",
  ]);
  assert.not.ok(names(`${plain}readme = "README.md"\n`).includes("README.md"));
});

install.run();
