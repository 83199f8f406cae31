import { type Package, readHeaders } from "./package.ts";

/** The package.json of an installed package; undefined when it names none, as that of a folder within one. */
export function readNpm(text: string, from: string): Package | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null || !("name" in read) || !("version" in read)) return undefined;
  const { name, version } = read;
  if (typeof name !== "string" || typeof version !== "string" || name === "" || version === "") return undefined;
  const [, scope, own = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  return { kind: "npm", ...(scope === undefined ? {} : { namespace: scope }), name: own, version, from };
}

/** METADATA of a wheel, or PKG-INFO of an egg. */
export function readPython(text: string, from: string): Package | undefined {
  const headers = readHeaders(text.split(/\r?\n\r?\n/)[0] ?? "");
  const [name, version] = [headers.get("name"), headers.get("version")];
  if (name === undefined || version === undefined) return undefined;
  // Names that differ only so are one package (PEP 503).
  return { kind: "pypi", name: name.toLowerCase().replace(/[-_.]+/g, "-"), version, from };
}

const GO_MAGIC = Buffer.from("\xff Go buildinf:", "latin1");
const GO_ALIGNED = 16;
/** Behind 32 bytes of header, two texts with their lengths: Go 1.18 and newer. */
const GO_HEADER = 32;
const GO_FLAGS = 15;
const GO_INLINE = 0x02;

/** The modules that a program of Go was linked from; undefined when it is none, or older than Go 1.18. */
export function readGo(program: Buffer, from: string): Package[] | undefined {
  for (let at = program.indexOf(GO_MAGIC); at >= 0; at = program.indexOf(GO_MAGIC, at + 1)) {
    // Elsewhere it is a word of a program that reads such programs.
    if (at % GO_ALIGNED !== 0 || ((program[at + GO_FLAGS] ?? 0) & GO_INLINE) === 0) continue;
    const version = readCounted(program, at + GO_HEADER);
    const modules = version === undefined ? undefined : readCounted(program, version.end);
    if (version !== undefined && modules !== undefined) return listModules(version.text, modules.text, from);
  }
  return undefined;
}

function listModules(version: string, modules: string, from: string): Package[] {
  const toolchain = /^go(\d\S*)/.exec(version)?.[1];
  const found: Package[] =
    toolchain === undefined ? [] : [{ kind: "golang", name: "stdlib", version: toolchain, from }];
  // 16 bytes at either end are marks.
  for (const line of modules.slice(16, -16).split("\n")) {
    const [word, name, release] = line.split("\t");
    if (name === undefined || release === undefined) continue;
    // What stands in for the module of the line before.
    if (word === "=>") found.pop();
    if (word === "=>" || word === "dep" || word === "mod") found.push({ kind: "golang", name, version: release, from });
  }
  // What is built from a checkout has no release of its own.
  return found.filter((one) => one.version !== "(devel)" && one.version !== "");
}

/** A text behind its length, which is written in groups of seven bits. */
function readCounted(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  let [length, shift, at] = [0, 0, start];
  for (; ; at += 1, shift += 7) {
    const byte = bytes[at];
    if (byte === undefined || shift > 28) return undefined;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const from = at + 1;
  if (from + length > bytes.length) return undefined;
  return { text: bytes.toString("latin1", from, from + length), end: from + length };
}
