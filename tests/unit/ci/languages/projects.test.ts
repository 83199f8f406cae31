import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Shape, tellAll } from "./told.ts";

const projects = suite("detection: projects");

/** A repository, and all that is said of it. */
const cases: readonly (readonly [string, Shape, readonly string[]])[] = [
  ["says nothing of an empty repository", {}, []],
  ["says nothing of a repository without a known language", { "README.md": "x", Makefile: "all:\n" }, []],
  [
    "finds projects of several languages side by side",
    {
      "api/package.json": '{"scripts":{"test":"x"}}',
      "api/package-lock.json": "",
      "py/pyproject.toml": "[project]\nname='p'\n[tool.uv]\n",
      "py/uv.lock": "",
      "go/go.mod": "module g\ngo 1.24\n",
      "go/main.go": "package main",
    },
    [
      "node in api",
      "  npm (api/package-lock.json), 24 (the newest long-term release), node:24-bookworm",
      "  unit: npm run test (api/package.json scripts.test)",
      "go in go",
      "  go (go/go.mod), 1.24 (go/go.mod go), golang:1.26-bookworm",
      "  lint: go vet ./... (go/main.go)",
      "  main: . (go/main.go of g)",
      "python in py",
      "  uv (py/uv.lock), 3.13 (a release that most packages support), python:3.13-bookworm",
    ],
  ],
  ...(
    [
      ["package.json", "JSON"],
      ["pyproject.toml", "TOML"],
      ["pom.xml", "XML"],
      ["go.mod", "go.mod"],
    ] as const
  ).map(([path, form]): readonly [string, Shape, readonly string[]] => [
    `says of a ${path} in UTF-16 how it is saved, in words that a terminal shows`,
    { [path]: "\uFFFD\uFFFD{\0\n\0" },
    [
      `${path} cannot be read as ${form}: it holds bytes that are not UTF-8`,
      `  where: ${path}`,
      `  to do: save ${path} as UTF-8`,
    ],
  ]),
  [
    "says where a go.mod names no module",
    { "go.mod": "hello\n", "main.go": "package main\nfunc main() {}\n" },
    [
      "go.mod cannot be read as go.mod: it has no line that names the module",
      "  where: go.mod",
      "  to do: repair go.mod",
    ],
  ],
  [
    "leaves the pipeline's own module out",
    { "dagger.json": '{"name":"x","source":"ci"}', "ci/package.json": "{}", "package.json": "{}" },
    ["node in .", "  npm (package.json, without a lock file), 24 (the newest long-term release), node:24-bookworm"],
  ],
];

for (const [name, shape, said] of cases) projects(name, () => assert.equal(tellAll(shape), said));

projects.run();
