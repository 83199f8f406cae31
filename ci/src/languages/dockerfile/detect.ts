import { matchesGlob } from "../../repository/glob.ts";
import { hasFile, isBelow, listFolder, type Outline, pathBelow, pathIn } from "../../repository/outline.ts";
import { type Project, Undecided } from "../language.ts";
import { baseOf, findExposed } from "./exposed.ts";
import { DOCKERFILE, type Instruction, listSources, readDockerfile } from "./instructions.ts";

/** The Dockerfiles of a folder. They say how an image is made and nothing about checks. */
export function detectDockerfile(outline: Outline, path: string): Project | undefined {
  const files = listFolder(outline, path).filter(
    (name) => DOCKERFILE.test(name) && hasFile(outline, pathIn(path, name)),
  );
  const [first] = files.toSorted((left, right) => left.length - right.length);
  if (first === undefined) return undefined;
  const from = pathIn(path, first);
  const all = files
    .map((name) => pathIn(path, name))
    .map((file) => ({ file, instructions: readDockerfile(outline, file) }));
  const empty = all.find(({ instructions }) => !instructions.some(({ name }) => name === "FROM"));
  if (empty !== undefined) throw noStage(empty.file);
  const { context, remarks } = findContext(outline, path, all);
  const [own] = all.filter(({ file }) => file === from);
  const port = findExposed(from, own?.instructions ?? []);
  const lacks = findBuilt(outline, context, own?.instructions ?? []);
  return {
    language: "dockerfile",
    path,
    root: context,
    manager: { value: "dockerfile", from },
    version: { value: "1", from },
    image: { value: lastImage(own?.instructions ?? []), from },
    packages: { include: [], exclude: [] },
    reads: { include: [pathIn(context, "**"), ...files.map((name) => pathIn(path, name))], exclude: ["**/.git"] },
    install: [],
    production: [],
    setup: [],
    commands: {},
    mains: files.map((value) => ({ value, from: pathIn(path, value) })),
    ...(port === undefined ? {} : { port }),
    ...(lacks === undefined ? {} : { lacks: { value: lacks, from } }),
    // What is built elsewhere first is in no folder: it says nothing of the context.
    remarks: lacks === undefined ? remarks : [],
  };
}

function noStage(file: string): Undecided {
  return new Undecided([
    { what: `${file} has no FROM`, where: file, todo: "begin it with an image: FROM debian:bookworm-slim" },
  ]);
}

/**
 * The context: the folder of the Dockerfile, or the top of the repository when what is copied lies only there
 * (`docker build -f deploy/Dockerfile .`).
 */
function findContext(
  outline: Outline,
  path: string,
  all: readonly { readonly file: string; readonly instructions: readonly Instruction[] }[],
): { context: string; remarks: readonly string[] } {
  if (path === ".") return { context: ".", remarks: [] };
  const sources = all.flatMap(({ file, instructions }) =>
    instructions.flatMap(listSources).map((source) => ({ file, source })),
  );
  const missingIn = (folder: string) => sources.find(({ source }) => !isThere(outline, folder, source));
  const here = missingIn(path);
  if (here === undefined) return { context: path, remarks: [] };
  const top = missingIn(".");
  if (top === undefined) return { context: ".", remarks: [] };
  const what = `${here.file} copies ${here.source}, which is not in ${path}, and ${top.source}, which is not at the top`;
  return { context: path, remarks: [`${what}: say which folder it is built from (\`build: { context: FOLDER }\`)`] };
}

/** Folders and files that builds make, and that are not kept in a repository. */
const BUILT = /^(?:\.?\/)?(?:[\w.-]+\/)*(?:target|build|dist|out|bin|publish|\.build|\.output)(?:\/|$)|\.(?:jar|war)$/;

/** What a Dockerfile copies though a build has to make it first, outside of the Dockerfile. */
function findBuilt(outline: Outline, context: string, instructions: readonly Instruction[]): string | undefined {
  return instructions
    .map(withPlatform)
    .flatMap(listSources)
    .find((source) => BUILT.test(source) && !isThere(outline, context, source.replace(/^\.\//, "")));
}

/** With what builders say of the platform by themselves. Which one it is does not count for what a repository has. */
function withPlatform(instruction: Instruction): Instruction {
  const rest = instruction.rest
    .replaceAll(/\$(?:\{TARGETPLATFORM\}|TARGETPLATFORM\b)/g, "linux/amd64")
    .replaceAll(/\$(?:\{TARGETOS\}|TARGETOS\b)/g, "linux")
    .replaceAll(/\$(?:\{TARGETARCH\}|TARGETARCH\b)/g, "amd64");
  return { ...instruction, rest };
}

function isThere(outline: Outline, folder: string, source: string): boolean {
  const clean = source.replace(/^\.?\//, "").replace(/\/+$/, "");
  if (clean === "" || clean === ".") return true;
  const parts = clean.split("/").length;
  return outline.paths
    .filter((path) => isBelow(path, folder))
    .some((path) => matchesGlob(pathBelow(path, folder).split("/").slice(0, parts).join("/"), clean));
}

/** The image that the last stage stands on, by its name there. */
function lastImage(instructions: readonly Instruction[]): string {
  return baseOf(instructions.findLast(({ name }) => name === "FROM"));
}
