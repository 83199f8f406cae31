import { ApiError } from "../api/errors.ts";
import { findHead, type GitRepositoryValue } from "../api/git-refs.ts";
import type { Graph } from "../api/graph.ts";
import { pathClean } from "../go-texts/path-clean.ts";
import { splitVersion } from "./author/related-lists.ts";
import { OTHER_SDKS } from "./config.ts";
import type { ClientConfig } from "./config-file.ts";
import { relatedSource } from "./find-source.ts";
import { gitRefText, parseGitAddress } from "./git-address.ts";
import type { SourceValue } from "./source-value.ts";

/**
 * The clients of a source with one more.
 *
 * @throws ApiError when there is one in that folder, or no such generator
 */
export async function withClient(
  graph: Graph,
  value: SourceValue,
  { generator, directory }: ClientConfig,
): Promise<readonly ClientConfig[]> {
  const { clients } = value.config;
  const taken = clients.find((one) => pathClean(one.directory) === pathClean(directory));
  if (taken !== undefined) throw new ApiError(`a client is already generated in the ${taken.directory} directory`);
  const isLocal = !isSdk(generator) && (await generatorSource(graph, value, generator)).git === undefined;
  return [...clients, { generator: isLocal ? pathClean(generator) : generator, directory }];
}

/**
 * The clients of a source without that of a folder.
 *
 * @throws ApiError when there is none
 */
export function withoutClient({ config: { clients } }: SourceValue, path: string): readonly ClientConfig[] {
  const others = clients.filter(({ directory }) => pathClean(directory) !== pathClean(path));
  if (others.length === clients.length) throw new ApiError(`no client found at path ${path}`);
  return others;
}

/**
 * The clients of a source, with generators in git repositories looked up anew: all of them, or those that are named.
 *
 * @throws ApiError for one that is named and is not there, or is of this machine
 */
export async function withUpdatedClients(
  graph: Graph,
  value: SourceValue,
  wanted: readonly string[],
): Promise<readonly ClientConfig[]> {
  const requests = new Map(wanted.map((one) => [splitVersion(one).place, splitVersion(one).version]));
  const clients: ClientConfig[] = [];
  for (const client of value.config.clients) {
    const { place } = splitVersion(client.generator);
    const isMeant = wanted.length === 0 || requests.has(place);
    clients.push(isSdk(client.generator) || !isMeant ? client : await updated(graph, value, client, requests));
    requests.delete(place);
  }
  if (requests.size === 0) return clients;
  const missing = JSON.stringify([...requests.keys()].join(","));
  throw new ApiError(`client(s) ${missing} were requested to be updated, but were not found in the clients list`);
}

async function updated(
  graph: Graph,
  value: SourceValue,
  client: ClientConfig,
  requests: ReadonlyMap<string, string>,
): Promise<ClientConfig> {
  const { place } = splitVersion(client.generator);
  const { git, rootSubpath } = await generatorSource(graph, value, client.generator);
  if (git === undefined) {
    if (requests.has(pathClean(place))) throw new ApiError(`cannot update local client ${place}`);
    return client;
  }
  const version = requests.get(place) || (await headOf(graph, git.cloneRef));
  return { ...client, generator: gitRefText(git.cloneRef, rootSubpath, version) };
}

async function headOf(graph: Graph, cloneRef: string): Promise<string> {
  const args = { url: parseGitAddress(cloneRef).cloneUrl };
  const repository = graph.object("GitRepository", { parent: graph.root, field: "git", args });
  return (await findHead(graph, await repository.value<GitRepositoryValue>())).commit;
}

async function generatorSource(graph: Graph, value: SourceValue, source: string): Promise<SourceValue> {
  return await relatedSource(graph, value, { name: "", source }).catch((error: Error) => {
    throw new ApiError(`failed to resolve client module source: ${error.message}`);
  });
}

/** Whether it is one that the engine has itself. */
function isSdk(generator: string): boolean {
  const [name = ""] = generator.split("@");
  return name === "typescript" || OTHER_SDKS.includes(name);
}
