import { posix } from "node:path";
import { isThere } from "../store/import.ts";
import { text } from "./arguments.ts";
import { ApiError, unsupported } from "./errors.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { hostDirectory, hostFile, hostObject } from "./host.ts";
import { hostPlace, sessionOf } from "./session.ts";

/** A field that gives the object that the address stands for. */
function means(type: string, find: (address: string, graph: Graph, args: Args) => Obj): Record<string, Field> {
  return {
    [type]: {
      eager: true,
      run: async (self, args, graph) => find(await self.value<string>(), graph, args),
    },
  };
}

/** Texts of the command line that stand for objects. The value is the text. */
export const addressFields: Fields = {
  Query: {
    address: {
      run: (_self, args) => {
        const value = text(args["value"]);
        if (value === "") throw new ApiError("resource cannot have empty address");
        return value;
      },
    },
  },
  Address: {
    value: { run: (self) => self.value<string>() },
    ...means("directory", (address, graph, args) => {
      const git = gitParts(address, graph);
      if (git === undefined) return hostDirectory(graph, { ...args, path: pathOf(address) });
      const tree = gitTree(graph, git);
      return git.path === "" ? tree : below(graph, "Directory", tree, git.path);
    }),
    ...means("file", (address, graph, args) => {
      const git = gitParts(address, graph);
      if (git !== undefined) return below(graph, "File", gitTree(graph, git), git.path);
      const { exclude: _exclude, include: _include, gitignore: _gitignore, ...kept } = args;
      return hostFile(graph, { ...kept, path: pathOf(address) });
    }),
    ...means("container", (address, graph) => {
      const empty = graph.object("Container", { parent: graph.root, field: "container", args: {} });
      return supported(graph, "Container", { parent: empty, field: "from", args: { address } });
    }),
    ...means("secret", (address, graph) => {
      const uri = secretUri(address);
      const [plain = "", query = ""] = uri.split("?");
      const cacheKey = new URLSearchParams(query).get("cacheKey");
      const args = cacheKey === null ? { uri } : { uri: plain, cacheKey };
      return supported(graph, "Secret", { parent: graph.root, field: "secret", args });
    }),
    ...means("service", (address, graph) => {
      const { protocol, host, port } = parseServiceAddress(address);
      const args = { host, ports: [{ backend: port, frontend: port, protocol }] };
      return supported(graph, "Service", { parent: hostObject(graph), field: "service", args });
    }),
    ...means("socket", (address, graph) => {
      const path = address.replace(/^unix:\/\//, "");
      return supported(graph, "Socket", { parent: hostObject(graph), field: "unixSocket", args: { path } });
    }),
    ...means("gitRepository", (address, graph) => gitRepository(graph, gitParts(address, graph) ?? localGit(address))),
    ...means("gitRef", (address, graph) => gitRef(graph, gitParts(address, graph) ?? localGit(address))),
  },
};

function supported(graph: Graph, type: string, call: { parent: Obj; field: string; args: Args }): Obj {
  if (!graph.supports(call.parent.type, call.field)) throw unsupported(`${call.parent.type}.${call.field}`);
  return graph.object(type, call);
}

/** Does not repeat the address: it may be the secret itself. */
export const UNNAMED_SCHEME =
  "a secret was given without a scheme, and is taken as the name of an environment variable: write env:NAME, or file:PATH for a file";

/** A bare name is a variable; the slashes after a scheme may be left out. */
export function secretUri(address: string): string {
  if (!address.includes(":")) return `env://${address}`;
  const [scheme = ""] = address.split(":", 1);
  const rest = address.slice(scheme.length + 1);
  return rest.startsWith("//") ? address : `${scheme}://${rest}`;
}

function pathOf(address: string): string {
  return address.replace(/^file:\/\//, "");
}

function parseServiceAddress(address: string): { protocol: "TCP" | "UDP"; host: string; port: number } {
  const match = /^(tcp|udp):\/\/(.*)$/.exec(address);
  if (match === null)
    throw new ApiError(
      `unsupported service address: ${JSON.stringify(address)}; use tcp://HOST:PORT or udp://HOST:PORT`,
    );
  const [, scheme = "", rest = ""] = match;
  const parts = /^\[?(.*?)\]?:(\d+)$/.exec(rest);
  if (parts === null) throw new ApiError(`address ${rest}: missing port in address`);
  return { protocol: scheme === "udp" ? "UDP" : "TCP", host: parts[1] as string, port: Number(parts[2]) };
}

/** `URL#REF:PATH`, or a folder of the host when `url` has no scheme. */
interface GitAddress {
  readonly url: string;
  readonly isLocal: boolean;
  readonly ref: string;
  readonly path: string;
}

/** @returns undefined for an address that is a path of the host */
function gitParts(address: string, graph: Graph): GitAddress | undefined {
  const [url = "", fragment = ""] = address.split("#");
  const isRemote =
    /^(https?|ssh|git):\/\//.test(url) ||
    /^[\w.-]+@[\w.-]+:/.test(url) ||
    (/^[\w-]+(\.[\w-]+)+\/.+/.test(url) && !isOnHost(graph, url));
  if (!isRemote) return undefined;
  const [ref = "", path = ""] = fragment.split(":");
  return { url: /^[\w-]+(\.[\w-]+)+\//.test(url) ? `https://${url}` : url, isLocal: false, ref, path };
}

function isOnHost(graph: Graph, path: string): boolean {
  const place = hostPlace(sessionOf(graph), path);
  return isThere(place.root, place.path);
}

function localGit(address: string): GitAddress {
  const [url = "", fragment = ""] = address.split("#");
  return { url: pathOf(url), isLocal: true, ref: fragment.split(":")[0] ?? "", path: "" };
}

function gitRepository(graph: Graph, address: GitAddress): Obj {
  if (!address.isLocal) {
    return supported(graph, "GitRepository", { parent: graph.root, field: "git", args: { url: address.url } });
  }
  const directory = hostDirectory(graph, { path: address.url });
  return supported(graph, "GitRepository", { parent: directory, field: "asGit", args: {} });
}

function gitRef(graph: Graph, address: GitAddress): Obj {
  const repository = gitRepository(graph, address);
  const call = address.ref === "" ? { field: "head", args: {} } : { field: "ref", args: { name: address.ref } };
  return supported(graph, "GitRef", { parent: repository, ...call });
}

function gitTree(graph: Graph, address: GitAddress): Obj {
  return supported(graph, "Directory", { parent: gitRef(graph, address), field: "tree", args: {} });
}

function below(graph: Graph, type: "Directory" | "File", parent: Obj, path: string): Obj {
  return graph.object(type, { parent, field: type.toLowerCase(), args: { path: posix.normalize(path) } });
}
