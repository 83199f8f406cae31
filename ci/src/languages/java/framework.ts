import { type Outline, pathIn } from "../../repository/outline.ts";
import type { Found } from "../language.ts";
import { onlyPort } from "../source-text.ts";
import type { Starter } from "./mains.ts";

/** A framework that listens by itself: at which port, and where it says how it is. */
interface Framework {
  /** A package that brings its HTTP server, as build files name it. */
  readonly server: RegExp;
  /** The setting of its port, as application.properties has it. */
  readonly port: string;
  /** Its own setting when nobody names a port. */
  readonly usual: number;
  /** A package that answers for its health, and where. */
  readonly health: RegExp;
  readonly probe: string;
  /** Settings of a path that all others are below. */
  readonly below: readonly string[];
  /** Settings by which health is asked for at another port, or by another path. */
  readonly elsewhere: readonly string[];
}

const FRAMEWORKS: readonly Framework[] = [
  {
    server:
      /\bspring-(?:boot-starter-(?:web|webflux|webmvc|jersey|tomcat|jetty|undertow|data-rest|graphql)|cloud-starter-(?:gateway|netflix-eureka-server)|cloud-config-server|boot-admin-starter-server)\b/,
    port: "server.port",
    usual: 8080,
    health: /\bspring-boot-starter-actuator\b/,
    probe: "/actuator/health",
    below: ["server.servlet.context-path", "spring.webflux.base-path"],
    elsewhere: [
      "management.server.port",
      "management.endpoints.web.base-path",
      "management.endpoints.web.path-mapping.health",
    ],
  },
  {
    server: /\bquarkus-(?:rest|resteasy|vertx-http|undertow|reactive-routes|smallrye-graphql|vertx-graphql)\b/,
    port: "quarkus.http.port",
    usual: 8080,
    health: /\bquarkus-smallrye-health\b/,
    probe: "/q/health",
    below: ["quarkus.http.root-path"],
    elsewhere: [
      "quarkus.http.non-application-root-path",
      "quarkus.smallrye-health.root-path",
      "quarkus.management.enabled",
    ],
  },
  {
    server: /\bmicronaut-http-server(?:-netty)?\b|runtime\s*\(?\s*["'](?:netty|tomcat|jetty|undertow)["']/,
    port: "micronaut.server.port",
    usual: 8080,
    health: /\bmicronaut-management\b/,
    probe: "/health",
    below: ["micronaut.server.context-path"],
    elsewhere: ["endpoints.all.port", "endpoints.all.path"],
  },
];

/** What a module listens at, and where it says whether it is well. */
export interface Listening {
  readonly port?: Found<number>;
  readonly probe?: Found<string>;
}

/**
 * By the framework that a module depends on and its application.properties or application.yml, else by what its only
 * program says in so many words.
 *
 * @param dependencies the text in which the module says what it depends on, by the file's path
 */
export function findListening(
  outline: Outline,
  path: string,
  dependencies: Found<string>,
  starters: readonly Starter[],
): Listening {
  const framework = FRAMEWORKS.find(({ server }) => server.test(dependencies.value));
  if (framework === undefined) {
    const [only, ...others] = starters;
    const port = only === undefined || others.length > 0 ? undefined : writtenPort(only);
    return port === undefined ? {} : { port };
  }
  const server = framework.server.exec(dependencies.value)?.[0] ?? "";
  const settings = SETTINGS.map((name) => pathIn(path, name)).map((file) => ({
    file,
    text: outline.text(file) ?? "",
  }));
  const set = settings
    .map(({ file, text }) => readSetting(file, text, framework.port))
    .find((found) => found !== undefined);
  const port = set ?? { value: framework.usual, from: `${dependencies.from} depends on ${server}` };
  const said = (name: string) => settings.map(({ file, text }) => settingOf(file, text, name)).find(Boolean);
  const moved = framework.elsewhere.some((name) => said(name) !== undefined);
  const below = (framework.below.map(said).find(Boolean) ?? "").replace(/\/+$/, "");
  const health = framework.health.exec(dependencies.value)?.[0];
  return {
    port,
    ...(health === undefined || moved || !/^(?:\/[\w./-]*)?$/.test(below)
      ? {}
      : { probe: { value: `${below}${framework.probe}`, from: `${dependencies.from} depends on ${health}` } }),
  };
}

/** Where the settings of a module lie; of one name the first file counts that has it. */
export const SETTINGS: readonly string[] = ["application.properties", "application.yml", "application.yaml"].map(
  (name) => `src/main/resources/${name}`,
);

function readSetting(file: string, text: string, name: string): Found<number> | undefined {
  const value = settingOf(file, text, name);
  // ${PORT:8080}: another port is given by a variable, this one counts otherwise.
  const port = Number(/^(?:\$\{[\w.]+:)?["']?(\d+)["']?\}?$/.exec(value ?? "")?.[1]);
  return port > 0 && port <= 65_535 ? { value: port, from: `${file} ${name}` } : undefined;
}

function settingOf(file: string, text: string, name: string): string | undefined {
  return file.endsWith(".properties") ? propertyIn(text, name) : nestedIn(text, name.split("."));
}

function propertyIn(text: string, name: string): string | undefined {
  const line = new RegExp(`^\\s*${name.replaceAll(".", "\\.")}\\s*[=:]\\s*(.*?)\\s*$`, "m");
  return line.exec(text)?.[1];
}

/** A value of YAML by the names that lead to it, each below the one before or joined to it by a dot. The first document counts. */
function nestedIn(text: string, names: readonly string[]): string | undefined {
  const [first = ""] = text.replace(/^---\s*\n/, "").split(/^---\s*$/m);
  const open: { readonly indent: number; readonly name: string }[] = [];
  for (const line of first.split("\n")) {
    const [, space = "", name = "", value = ""] =
      /^(\s*)["']?([\w.-]+)["']?\s*:\s*(.*?)\s*(?:\s#.*)?$/.exec(line) ?? [];
    if (name === "") continue;
    while ((open.at(-1)?.indent ?? -1) >= space.length) open.pop();
    open.push({ indent: space.length, name });
    if (open.map((one) => one.name).join(".") === names.join(".")) return value.replace(/^["'](.*)["']$/, "$1");
  }
  return undefined;
}

/** `new InetSocketAddress(8080)`, `.start(7070)`, `.listen(8080)`, `.port(8080)`, `new ServerSocket(9000)`. */
const LISTENS =
  /\bnew\s+InetSocketAddress\(\s*(?:"0\.0\.0\.0"\s*,\s*)?(\d{2,5})\s*\)|\.(?:start|listen|port)\(\s*(\d{4,5})\s*[),]|\bnew\s+ServerSocket\(\s*(\d{2,5})\s*[),]/g;

/** Where programs of Java take their port when they are told none. */
const USUAL = 8080;

/** The program asks for PORT, and what stands in for it. */
const TOLD = /\bgetenv\(\s*"PORT"|\bgetOrDefault\(\s*"PORT"/;
const STAND_IN = /"(\d{4,5})"|\?\s*:?\s*(\d{4,5})\b|:\s*(\d{4,5})\b/g;

/** The port that a program says it listens at; two different ones say nothing. */
function writtenPort({ text, from }: Starter): Found<number> | undefined {
  const written = onlyPort(text, [LISTENS]);
  if (TOLD.test(text)) return { value: onlyPort(text, [STAND_IN]) ?? USUAL, from: `${from} takes PORT` };
  return written === undefined ? undefined : { value: written, from: `${from} listens at :${written}` };
}
