/** Where the files of recipes lie: addresses out of names, with the mirrors that the person has set for other tools. */

const MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2";
const GO_PROXY = "https://proxy.golang.org";

/** What the person has told other tools. */
export interface SourceSettings {
  /** Text of `~/.m2/settings.xml`, empty when there is none. */
  readonly mavenSettings: string;
  /** The variable GOPROXY. */
  readonly goProxy: string | undefined;
}

/**
 * The address of an archive.
 *
 * @param from `maven:group:artifact:version[:classifier]@extension` or `go:module@version`, as the recipe's schema has it
 * @throws Error when GOPROXY names no address
 */
export function locateArtifact(from: string, { mavenSettings, goProxy }: SourceSettings): string {
  const [kind, rest = ""] = split(from, ":");
  const [name, suffix = ""] = split(rest, "@");
  if (kind === "go") return `${findGoProxy(goProxy)}/${name}/@v/${suffix}.zip`;
  const [group = "", artifact = "", version = "", classifier] = name.split(":");
  const file = `${[artifact, version, ...(classifier === undefined ? [] : [classifier])].join("-")}.${suffix}`;
  return `${findMavenMirror(mavenSettings)}/${group.replaceAll(".", "/")}/${artifact}/${version}/${file}`;
}

/** The address of the jar `group:artifact:version`. */
export function locateJar(at: string, mavenSettings: string): string {
  return locateArtifact(`maven:${at}@jar`, { mavenSettings, goProxy: undefined });
}

/** The file name of the jar `group:artifact:version`. */
export function jarName(at: string): string {
  const [, artifact, version] = at.split(":");
  return `${artifact}-${version}.jar`;
}

/**
 * The address below which a mirror has `debian` and `debian-security`: `SLIPWAY_DEBIAN_MIRROR`. Undefined: Debian's own.
 *
 * @throws Error when it is no such address
 */
export function readDebianMirror(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const given = env["SLIPWAY_DEBIAN_MIRROR"] ?? "";
  if (given === "") return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isFit = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && !/["\\\s]/.test(given);
  if (isFit) return given.replace(/\/+$/, "");
  throw new Error(
    `SLIPWAY_DEBIAN_MIRROR is ${JSON.stringify(given)}\n  to do: set it to the address, without a password, below which debian and debian-security lie, such as https://mirror.example`,
  );
}

/** The mirror of Maven Central that `~/.m2/settings.xml` names, else Maven Central. */
function findMavenMirror(settings: string): string {
  for (const [, mirror = ""] of settings.replace(/<!--.*?-->/gs, "").matchAll(/<mirror>(.*?)<\/mirror>/gs)) {
    const url = /<url>\s*(.*?)\s*<\/url>/s.exec(mirror)?.[1];
    const of = /<mirrorOf>\s*(.*?)\s*<\/mirrorOf>/s.exec(mirror)?.[1]?.split(/\s*,\s*/) ?? [];
    if (url !== undefined && of.some((name) => ["central", "*", "external:*"].includes(name)))
      return url.replace(/\/$/, "");
  }
  return MAVEN_CENTRAL;
}

/** The first address in GOPROXY: what comes after it is for modules that the first one does not have. */
function findGoProxy(variable = ""): string {
  if (variable === "") return GO_PROXY;
  const proxy = variable.split(/[,|]/).find((entry) => /^https?:\/\//.test(entry.trim()));
  if (proxy === undefined)
    throw new Error(
      `GOPROXY is "${variable}", which names no address\n  to do: set it to the address of a module proxy`,
    );
  return proxy.trim().replace(/\/$/, "");
}

function split(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
