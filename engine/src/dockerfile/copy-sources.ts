import { posix } from "node:path";
import { pathClean } from "../go-texts/path-clean.ts";
import { expandWord, type Variables } from "./expansion.ts";
import { contentOf } from "./heredoc.ts";
import type { CopyInstruction } from "./instructions.ts";
import { joinPath } from "./paths.ts";
import type { CopySource, FilesOrigin } from "./planned.ts";
import { DockerfileProblem } from "./problem.ts";

const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]+$/;
const HEX_DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * The sources of a COPY or ADD whose variables are put in.
 *
 * @param origin where paths are
 * @throws DockerfileProblem
 */
export function copySources(
  instruction: CopyInstruction,
  origin: FilesOrigin,
  variables: Variables,
): readonly CopySource[] {
  checkChecksum(instruction);
  return [
    ...instruction.sources.map((source) => sourceOf(source, instruction, origin)),
    ...instruction.inline.map((heredoc): CopySource => {
      const content = contentOf(heredoc);
      const options = { escapeSign: "\\", plainQuotes: true };
      return {
        kind: "inline",
        name: heredoc.name,
        content: heredoc.expands ? expandWord(content, variables, options) : content,
      };
    }),
  ];
}

function checkChecksum({ checksum, sources }: CopyInstruction): void {
  if (checksum === "") return;
  const [algorithm = "", hex] = checksum.split(":");
  if (hex === undefined || !DIGEST.test(checksum)) throw new DockerfileProblem("invalid checksum digest format");
  if (HEX_DIGITS[algorithm] === undefined) throw new DockerfileProblem("unsupported digest algorithm");
  if (hex.length !== HEX_DIGITS[algorithm]) throw new DockerfileProblem("invalid checksum digest length");
  const [source = ""] = sources;
  if (sources.length !== 1) throw new DockerfileProblem("checksum can't be specified for multiple sources");
  if (!isAddress(source)) throw new DockerfileProblem("checksum can't be specified for non-HTTP(S) sources");
}

function sourceOf(source: string, instruction: CopyInstruction, origin: FilesOrigin): CopySource {
  const { isAdd, unpack, checksum, keepGitDir } = instruction;
  if (isGit(source)) {
    if (!isAdd) throw new DockerfileProblem("source can't be a git ref for COPY");
    return { kind: "git", url: source, keepGitDir };
  }
  if (isAddress(source)) {
    if (!isAdd) throw new DockerfileProblem("source can't be a URL for COPY");
    return { kind: "http", url: source, name: nameOfAddress(source), checksum, unpack: unpack === true };
  }
  const { path, include } = instruction.parents ? withParents(source) : { path: source, include: [] };
  return { kind: "files", origin, path: rooted(path), include, unpack: unpack ?? isAdd };
}

/** With `--parents` the whole folder is the source, and the path a pattern; `/./` says where the folders begin. */
function withParents(source: string): { readonly path: string; readonly include: readonly string[] } {
  const at = source.indexOf("/./");
  const [path, pattern] = at < 0 ? ["/", source] : [source.slice(0, at), source.slice(at + 3)];
  return { path, include: [rooted(pattern).slice(1)] };
}

function rooted(path: string): string {
  return pathClean(joinPath("/", path));
}

function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source) && !isGit(source);
}

/** Addresses that are always those of a repository. */
function isGit(source: string): boolean {
  if (/^(?:git|ssh):\/\//.test(source)) return true;
  if (/^https?:\/\//.test(source)) return /^[^?#]*\.git(?:[?#]|$)/.test(source);
  return /^[a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:[^/]/.test(source);
}

function nameOfAddress(address: string): string {
  const base = URL.canParse(address) ? posix.basename(decodeURIComponent(new URL(address).pathname)) : "";
  return base === "" ? "__unnamed__" : base;
}
