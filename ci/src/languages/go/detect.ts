import { join } from "node:path/posix";
import { foldersUp, hasFile, isBelow, listFolder, type Outline, pathIn } from "../../repository/outline.ts";
import { goImage } from "../../tool-images.ts";
import { findBaseVersion } from "../base-images.ts";
import type { Answers, Command, Found, Project } from "../language.ts";
import { findPort, present, readSources } from "../reads.ts";
import { findGoMains, onlyPortOf, tellTools } from "./mains.ts";
import { type GoModule, listUsed, readGoModule } from "./module-file.ts";
import { findGoTest } from "./tests.ts";

/** The release of Go that builds: newer ones keep to what go.mod says. */
const GO = "1.26";

/** A module of Go: what go.mod, go.work and the names of its files say. */
export function detectGo(outline: Outline, path: string, answers: Answers = {}): Project | undefined {
  const module = readGoModule(outline, path);
  if (module === undefined) return undefined;
  const root = findRoot(outline, path);
  const used = root === path ? [path] : [path, ...listUsed(outline, root).filter((one) => one !== path)];
  const version = findVersion(module, answers);
  const vendored = hasFile(outline, pathIn(path, "vendor/modules.txt"));
  const mains = findGoMains(outline, path, module);
  const port = findPort(outline, path) ?? onlyPortOf(mains);
  const cgo = findLibraryOfC(outline, module.path);
  const work = root === path && !hasFile(outline, pathIn(root, "go.work")) ? [] : ["go.work", "go.work.sum"];
  const { commands, remarks } = listCommands(outline, path, module);
  return {
    language: "go",
    path,
    root,
    name: { value: withoutMajor(module.name), from: `${module.path} module` },
    manager: { value: "go", from: module.path },
    version,
    image: findImage(outline, [...new Set([path, root, ...mains.map(({ value }) => join(path, value))])], version),
    packages: {
      include: [
        ...used.flatMap((folder) => present(outline, folder, ["go.mod", "go.sum"])),
        ...present(outline, root, work),
        ...listReplaced(outline, path),
      ],
      exclude: [],
    },
    reads: addShared(readSources(outline, used, ["bin"]), present(outline, root, work)),
    install: vendored ? [] : [{ command: ["go", "mod", "download"], folder: path }],
    production: [],
    setup: [],
    commands,
    mains,
    ...(port === undefined ? {} : { port }),
    ...(cgo === undefined ? {} : { cgo }),
    remarks: [...remarks, ...tellTools(path, mains)],
  };
}

/** Modules that do nothing, or are not compiled, without a compiler of C. */
const LIBRARIES_OF_C =
  /\b(github\.com\/(?:mattn\/go-sqlite3|confluentinc\/confluent-kafka-go|marcboeker\/go-duckdb|duckdb\/duckdb-go|DataDog\/zstd|pebbe\/zmq4|h2non\/bimg|davidbyttow\/govips|linxGnu\/grocksdb|tecbot\/gorocksdb|valyala\/gozstd|mattn\/go-oci8|godror\/godror))(?:\/v\d+)?\s+v/;

/** Whether it is required directly or by another module, such as by a driver of an object mapper. */
function findLibraryOfC(outline: Outline, path: string): Found<string> | undefined {
  const lines = (outline.text(path) ?? "").split("\n").filter((line) => !/^\s*(?:\/\/|exclude\b|retract\b)/.test(line));
  const value = lines.map((line) => LIBRARIES_OF_C.exec(line)?.[1]).find((name) => name !== undefined);
  return value === undefined ? undefined : { value, from: path };
}

/** From its second major version on, a module has it at the end of its path: `example.com/web/v2` is still web. */
function withoutMajor(name: string): string {
  return name.replace(/(?<=[^/])[/.]v\d+$/, "");
}

function addShared(reads: Project["reads"], shared: readonly string[]): Project["reads"] {
  return { ...reads, include: [...reads.include, ...shared] };
}

/** The folder with go.work that uses this one, at or above it. */
function findRoot(outline: Outline, path: string): string {
  return foldersUp(path).find((folder) => listUsed(outline, folder).includes(path)) ?? path;
}

/** go.mod of modules that `replace` puts in place of others by a path. */
function listReplaced(outline: Outline, path: string): string[] {
  const text = outline.text(pathIn(path, "go.mod")) ?? "";
  return [...text.matchAll(/=>\s*(\.\.?\/\S*)/g)]
    .map((match) => join(path, match[1] ?? ""))
    .flatMap((folder) => present(outline, folder, ["go.mod", "go.sum"]));
}

function findVersion({ path, go, toolchain }: GoModule, { version }: Answers): Found<string> {
  if (version !== undefined) return { value: version, from: "slipway.yaml" };
  if (toolchain !== undefined) return { value: toolchain, from: `${path} toolchain` };
  return go === undefined ? { value: GO, from: "the newest release" } : { value: go, from: `${path} go` };
}

/** The oldest release that knows how to keep to what go.mod says, and whose image is on the same Debian as what is shipped. */
const OLDEST = 21;

/**
 * The image of the release that the Dockerfile or a version file names, when it is new enough for go.mod. Else a newer toolchain
 * than ours is named by its own image; within ours, Go itself gets the release that go.mod wants.
 */
function findImage(outline: Outline, folders: readonly string[], { value, from }: Found<string>): Found<string> {
  const named = findNamed(outline, folders) ?? findBaseVersion(outline, folders, readBase);
  const wanted = minorOf(value);
  if (from === "slipway.yaml" && wanted >= OLDEST) return { value: goImage(`1.${wanted}`), from };
  if (named !== undefined && from !== "slipway.yaml" && minorOf(named.value) >= Math.max(wanted, OLDEST))
    return { value: goImage(`1.${minorOf(named.value)}`), from: named.from };
  return wanted > minorOf(GO)
    ? { value: goImage(`1.${wanted}`), from }
    : { value: goImage(GO), from: `${from} ${value}, to which newer releases keep` };
}

/** 1.21.5 → 21 */
function minorOf(version: string): number {
  return Number(version.split(".")[1] ?? 0);
}

/** `golang:1.21-alpine`, `golang:1.22.3`, `library/golang:1.24-bookworm`. */
function readBase(image: string): string | undefined {
  return /(?:^|\/)golang:(1\.\d+(?:\.\d+)?)(?=$|[-@])/.exec(image)?.[1];
}

/** Files that managers of versions read: .go-version, and golang in .tool-versions. */
function findNamed(outline: Outline, folders: readonly string[]): Found<string> | undefined {
  const files: readonly (readonly [string, RegExp])[] = [
    [".go-version", /^\s*(?:go)?(1\.\d+(?:\.\d+)?)\s*$/m],
    [".tool-versions", /^go(?:lang)?\s+(1\.\d+(?:\.\d+)?)\s*$/m],
  ];
  return folders
    .flatMap((folder) =>
      files.flatMap(([name, pattern]) => {
        const from = pathIn(folder, name);
        const value = pattern.exec(outline.text(from) ?? "")?.[1];
        return value === undefined ? [] : [{ value, from }];
      }),
    )
    .at(0);
}

/** Linters that a project can list under `tool` of go.mod, which fixes their version. */
const LINTERS: readonly { readonly tool: RegExp; readonly words: Command }[] = [
  { tool: /golangci-lint$/, words: ["golangci-lint", "run"] },
  { tool: /staticcheck$/, words: ["staticcheck", "./..."] },
];

function listCommands(outline: Outline, path: string, { tools, path: from }: GoModule) {
  const inside = outline.paths.filter((one) => isBelow(one, path) && one.endsWith(".go"));
  const [first] = inside;
  const test = inside.find((one) => one.endsWith("_test.go"));
  const linters = LINTERS.filter(({ tool }) => tools.some((one) => tool.test(one)));
  const lint = [
    ...(first === undefined ? [] : [{ value: ["go", "vet", "./..."], from: first }]),
    ...linters.map(({ words }) => ({ value: ["go", "tool", ...words], from: `${from} tool` })),
  ];
  const unit = test === undefined ? [] : [findGoTest(outline, path, test)];
  const configured = listFolder(outline, path).find((name) => /^\.golangci\.(ya?ml|toml|json)$/.test(name));
  const missing = configured !== undefined && !linters.some(({ words }) => words[0] === "golangci-lint");
  const remark = `${pathIn(path, configured ?? "")} exists, but golangci-lint is not a tool of ${from}: it is not run (\`go get -tool\` adds it)`;
  return {
    commands: { ...(lint.length > 0 ? { lint } : {}), ...(unit.length > 0 ? { unit } : {}) },
    remarks: missing ? [remark] : [],
  };
}
