import type { Found } from "../language.ts";
import type { Instruction } from "./instructions.ts";

/** What images answer at by themselves, by the last part of their names: they say so by an EXPOSE of their own. */
const BASES: readonly { readonly image: RegExp; readonly tag?: RegExp; readonly port: number }[] = [
  { image: /^(?:nginx|httpd|caddy|openresty)$/, port: 80 },
  { image: /^(?:wordpress|drupal|nextcloud)$/, tag: /^(?!.*(?:fpm|cli))/, port: 80 },
  { image: /^php$/, tag: /apache/, port: 80 },
  { image: /^(?:nginx-unprivileged|tomcat|jetty)$/, port: 8080 },
];

/**
 * The one port that the image of a Dockerfile exposes, by itself or by what it stands on; undefined when there is none, or
 * several. Other stages are asked when the last one says nothing. That of TLS beside the one of HTTP is the same service.
 */
export function findExposed(from: string, instructions: readonly Instruction[]): Found<number> | undefined {
  const { own, base } = lastImage(instructions);
  const exposed = listPorts(own);
  const known = BASES.find(
    ({ image, tag }) => image.test(partsOf(base).name) && (tag?.test(partsOf(base).tag) ?? true),
  );
  if (exposed.length === 0 && known !== undefined) return { value: known.port, from: `${from} FROM ${base}` };
  const [port, ...others] = exposed.length > 0 ? exposed : listPorts(instructions);
  return port === undefined || others.length > 0 ? undefined : { value: port, from: `${from} EXPOSE` };
}

/** The ports of TLS, each with the one of HTTP that it may stand beside. */
const TLS: Readonly<Record<number, number>> = { 443: 80, 8443: 8080 };

function listPorts(instructions: readonly Instruction[]): number[] {
  const words = instructions.filter(({ name }) => name === "EXPOSE").flatMap(({ rest }) => rest.split(/\s+/));
  const ports = new Set(words.flatMap((word) => /^["']?(\d+)(?:\/tcp)?["']?$/i.exec(word)?.[1] ?? []).map(Number));
  return [...ports].filter((port) => !ports.has(TLS[port] ?? 0));
}

/** The instructions that make the image of the last stage, those of the stages that it stands on first, and their base. */
function lastImage(instructions: readonly Instruction[]): { own: readonly Instruction[]; base: string } {
  const starts = instructions.flatMap(({ name }, at) => (name === "FROM" ? [at] : []));
  const stages = starts.map((at, place) => instructions.slice(at, starts[place + 1]));
  let own: readonly Instruction[] = [];
  let base = "";
  let at = stages.length - 1;
  while (at >= 0) {
    const stage = stages[at] ?? [];
    own = [...stage, ...own];
    base = baseOf(stage[0]);
    // A name means the nearest stage above that has it; a stage may be called like the image that it stands on.
    at = stages.slice(0, at).findLastIndex(([first]) => aliasOf(first) === base.toLowerCase());
  }
  return { own, base };
}

/** The image or the stage that a FROM names. */
export function baseOf(from: Instruction | undefined): string {
  return (from?.rest.replace(/^(?:--\S+\s+)+/, "") ?? "").split(/\s+/)[0] ?? "";
}

/** The images that the stages stand on and copy from, each once: no stages, and not `scratch`. */
export function listBaseImages(instructions: readonly Instruction[]): string[] {
  const stages = new Set<string>(["scratch"]);
  const found = instructions.flatMap((instruction) => {
    const { name, rest } = instruction;
    const from = name === "FROM" ? baseOf(instruction) : /^(?:--\S+\s+)*--from=(\S+)/.exec(rest)?.[1];
    const isImage = from !== undefined && from !== "" && !stages.has(from.toLowerCase()) && !/^\d+$/.test(from);
    const alias = name === "FROM" ? aliasOf(instruction) : undefined;
    if (alias !== undefined) stages.add(alias);
    return isImage ? [from] : [];
  });
  return [...new Set(found)];
}

function aliasOf(from: Instruction | undefined): string | undefined {
  return /\sAS\s+(\S+)$/i.exec(from?.rest ?? "")?.[1]?.toLowerCase();
}

/** The last part of an image's name, and its tag: `docker.io/library/nginx:1.27@sha256:…` is nginx, 1.27. */
function partsOf(image: string): { readonly name: string; readonly tag: string } {
  const [name = "", tag = ""] = image.replace(/@.*$/, "").split("/").at(-1)?.split(":") ?? [];
  return { name, tag };
}
