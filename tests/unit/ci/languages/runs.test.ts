import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyMember, onlyProject, type Shape } from "./told.ts";

const runs = suite("what people run by themselves");

const RUFF = '[project]\nname = "svc"\n[dependency-groups]\ndev = ["ruff", "black", "isort", "mypy", "flake8"]\n';

/** A project of Python with linters among its packages. */
const python = (more: Shape, pyproject = ""): Shape => ({
  "pyproject.toml": `${RUFF}${pyproject}`,
  "uv.lock": "",
  ...more,
});

function lintOf(shape: Shape): string[] {
  return (onlyProject(shape).commands.lint ?? []).map(({ value, from }) => `${value.join(" ")} (${from})`);
}

/** A line in a file, and what becomes of it. */
const LINES: readonly (readonly [file: string, text: string, commands: readonly string[]])[] = [
  ["Makefile", "lint:\n\truff check src tests\n", ["ruff check src tests (Makefile)"]],
  ["Makefile", "lint:\n\t@uv run ruff check --fix .\n", ["ruff check . (Makefile)"]],
  ["Makefile", "lint:\n\truff check src || true\n", []],
  ["Makefile", "lint:\n\truff check $(SOURCES)\n", ["ruff check . (Makefile)"]],
  ["Makefile", "# ruff check src\nlint:\n\tpip install ruff black\n", []],
  ["Makefile", "fmt:\n\tblack svc && isort svc\n", ["black --check svc (Makefile)", "isort --check svc (Makefile)"]],
  ["Makefile", "fmt:\n\truff format\n", ["ruff format --check . (Makefile)"]],
  [
    ".github/workflows/ci.yml",
    "steps:\n  - run: uv run mypy --strict svc\n",
    ["mypy --strict svc (.github/workflows/ci.yml)"],
  ],
  [
    ".github/workflows/ci.yml",
    "jobs:\n  mypy:\n    steps:\n      - name: flake8\n      - run: |\n          pip install black\n          black --check --diff .\n",
    ["black --check . (.github/workflows/ci.yml)"],
  ],
  [".gitlab-ci.yml", "lint:\n  script:\n    - poetry run flake8 svc\n", ["flake8 svc (.gitlab-ci.yml)"]],
  [
    ".pre-commit-config.yaml",
    "repos:\n- repo: x\n  hooks:\n  - id: ruff\n    args: [--fix]\n  - id: ruff-format\n",
    ["ruff check . (.pre-commit-config.yaml)", "ruff format --check . (.pre-commit-config.yaml)"],
  ],
  [
    ".pre-commit-config.yaml",
    "repos:\n- repo: local\n  hooks:\n  - id: types\n    entry: uv run mypy svc\n    stages: [manual]\n# - id: black\n",
    [],
  ],
  [
    ".pre-commit-config.yaml",
    "repos:\n- repo: local\n  hooks:\n  - id: types\n    entry: uv run mypy svc\n",
    ["mypy svc (.pre-commit-config.yaml)"],
  ],
  [".pre-commit-config.yaml", "repos: [\n", []],
  [
    "tox.ini",
    "[testenv:lint]\ndeps =\n    ruff\n    mypy\ncommands =\n    ruff check svc {posargs}\n    mypy svc\n",
    ["ruff check . (tox.ini)", "mypy svc (tox.ini)"],
  ],
  ["tox.ini", "[testenv]\ndeps =\n    black\ncommands = pytest\n", []],
  [
    "noxfile.py",
    'def lint(session):\n    session.install("black")\n    session.run("flake8", "svc", env={"A": "b"})\n',
    ["flake8 svc (noxfile.py)"],
  ],
  [
    "scripts/lint.sh",
    "#!/bin/sh\nset -e\nmypy svc\nruff check svc scripts\n",
    ["ruff check svc scripts (scripts/lint.sh)", "mypy svc (scripts/lint.sh)"],
  ],
  ["justfile", "lint:\n    uvx ruff check\n", ["ruff check . (justfile)"]],
];
for (const [file, text, commands] of LINES)
  runs(`${file}: ${JSON.stringify(text)}`, () => assert.equal(lintOf(python({ [file]: text })), commands));

runs("tasks in pyproject.toml are run by people as well", () => {
  assert.equal(lintOf(python({}, '[tool.poe.tasks]\nlint = "ruff check svc"\n')), [
    "ruff check svc (pyproject.toml tool.poe.tasks)",
  ]);
  assert.equal(
    lintOf(
      python(
        {},
        '[tool.hatch.envs.lint]\ndependencies = ["black"]\n[tool.hatch.envs.lint.scripts]\ntypes = ["mypy svc"]\n',
      ),
    ),
    ["mypy svc (pyproject.toml tool.hatch.envs)"],
  );
});

runs("a linter is taken by its configuration where nobody runs checks, and a formatter is not", () => {
  const project = onlyProject(python({}, "[tool.ruff]\n[tool.black]\n"));
  assert.equal(project.commands.lint, [{ value: ["ruff", "check", "."], from: "pyproject.toml tool.ruff" }]);
  assert.equal(project.remarks, [
    "pyproject.toml tool.black configures black, and nothing runs `black --check .`: if it is a check, `checks: { format: { run: black --check . } }`",
  ]);
});

runs("a linter that is configured is not taken where people run other checks, and they are told", () => {
  const project = onlyProject(python({ Makefile: "test:\n\tpytest\n" }, "[tool.ruff]\n"));
  assert.is(project.commands.lint, undefined);
  assert.equal(project.remarks, [
    "pyproject.toml tool.ruff configures ruff, and nothing runs `ruff check .`: if it is a check, `checks: { ruff: { run: ruff check . } }`",
  ]);
});

runs("paths in a file above a project are not the project's", () => {
  const shape = { Makefile: "lint:\n\truff check back/svc\n", "back/pyproject.toml": RUFF, "back/uv.lock": "" };
  assert.equal(onlyMember(shape, "back").commands.lint, [{ value: ["ruff", "check", "."], from: "Makefile" }]);
});

/** Scripts of a package of Node, and the linters that come of them. */
const SCRIPTS: readonly (readonly [manifest: object, more: Shape, commands: readonly string[]])[] = [
  [{}, { "eslint.config.js": "", "biome.json": "" }, []],
  [
    { scripts: { "lint:fix": "eslint src test --fix" } },
    {},
    ["npx --no -- eslint src test (package.json scripts.lint:fix)"],
  ],
  [{ scripts: { check: "biome check --write" } }, {}, ["npx --no -- biome check (package.json scripts.check)"]],
  [{ scripts: { biome: "biome lint ./src" } }, {}, ["npx --no -- biome lint ./src (package.json scripts.biome)"]],
  [{ scripts: { "lint:ts": 'eslint "src/**/*.ts"' } }, {}, ["npx --no -- eslint . (package.json scripts.lint:ts)"]],
  [
    { "lint-staged": { "*.ts": ["eslint --fix", "prettier --write"] } },
    {},
    ["npx --no -- eslint . (package.json lint-staged)"],
  ],
  [
    {},
    { ".github/workflows/ci.yaml": "- run: npx eslint src\n" },
    ["npx --no -- eslint src (.github/workflows/ci.yaml)"],
  ],
  [
    { scripts: { lint: "eslint --fix", "lint:check": "eslint" } },
    {},
    ["npm run lint:check (package.json scripts.lint:check)"],
  ],
];
for (const [manifest, more, commands] of SCRIPTS)
  runs(`${JSON.stringify(manifest)} ${JSON.stringify(more)}`, () => {
    const devDependencies = { eslint: "9", "@biomejs/biome": "2" };
    const text = JSON.stringify({ ...manifest, devDependencies });
    assert.equal(lintOf({ "package.json": text, "package-lock.json": "", ...more }), commands);
  });

runs.run();
