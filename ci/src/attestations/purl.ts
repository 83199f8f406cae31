import type { Contents, Package } from "./program/contents/package.ts";

/**
 * The package's address among all packages (package-url, ECMA-427); undefined for a jar that does not say what it is.
 */
export function purlOf(one: Package, system: Contents["system"]): string | undefined {
  if (one.kind === "jar") return undefined;
  const version = one.version === "" ? "" : `@${encode(one.version)}`;
  const place = placeOf(one).split("/").map(encode).join("/");
  const qualifiers = listQualifiers(one, system).map(([key, value]) => `${key}=${encode(value)}`);
  return `pkg:${one.kind}/${place}${version}${qualifiers.length === 0 ? "" : `?${qualifiers.join("&")}`}`;
}

function placeOf({ namespace, name }: Package): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether packages of that kind belong to the system of an image. */
export function isOfSystem(kind: Package["kind"]): boolean {
  return kind === "deb" || kind === "apk" || kind === "rpm";
}

/** In the order of their names. */
function listQualifiers({ kind, architecture, epoch }: Package, system: Contents["system"]): [string, string][] {
  if (!isOfSystem(kind)) return [];
  return [
    ...(architecture === undefined ? [] : [["arch", architecture] as [string, string]]),
    ...(system === undefined || system.version === ""
      ? []
      : [["distro", `${system.id}-${system.version}`] as [string, string]]),
    ...(epoch === undefined ? [] : [["epoch", String(epoch)] as [string, string]]),
  ];
}

/** Percent-encodes all but what a purl leaves as it is. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/%3A/g, ":")
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
