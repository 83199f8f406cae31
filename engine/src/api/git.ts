import { rm } from "node:fs/promises";
import { join } from "node:path";
import { copyTreeInto } from "../store/copy.ts";
import { gitOutput } from "../store/git-run.ts";
import { EMPTY } from "../store/snapshot.ts";
import { flag, object, text, texts } from "./arguments.ts";
import type { ChangesetValue } from "./changeset.ts";
import {
  accessTo,
  checkedUrl,
  commitRef,
  fetchInto,
  findCommonAncestor,
  findHead,
  findLatestVersion,
  findRef,
  type GitAccess,
  type GitRefValue,
  type GitRepositoryValue,
  listRefs,
} from "./git-refs.ts";
import { bringSubmodules } from "./git-submodules.ts";
import type { Args, Field, Fields, Graph, Obj, Pin } from "./graph.ts";
import { sessionOf } from "./session.ts";
import { changeTree, placeIn } from "./trees.ts";
import type { DirectoryValue } from "./values.ts";

const EMPTY_DIRECTORY: DirectoryValue = { snapshot: EMPTY, path: "/" };

/**
 * A ref of a repository. A branch moves: what it points to is looked up once in a session and is part of the identity.
 */
function finds(find: (graph: Graph, repository: GitRepositoryValue, args: Args) => Promise<GitRefValue>): Field {
  return {
    run: async (self, _args, _graph, pin) => {
      const { ref, commit } = (pin as Pin).data as { ref: string; commit: string };
      return { repository: await self.value<GitRepositoryValue>(), ref, commit } satisfies GitRefValue;
    },
    pin: async (self, args, graph) => {
      const { ref, commit } = await find(graph, await self.value<GitRepositoryValue>(), args);
      return { key: `git ${await self.key()} ${ref} ${commit}`, data: { ref, commit } };
    },
  };
}

function lists(kind: "heads" | "tags"): Field {
  return {
    run: async (self, args, graph) => {
      const repository = await self.value<GitRepositoryValue>();
      const refs = await listRefs(graph, repository, [`--${kind}`], texts(args["patterns"]));
      return refs.map((ref) => ref.name.slice(`refs/${kind}/`.length));
    },
  };
}

export const gitFields: Fields = {
  Query: {
    git: {
      run: (_self, args, graph): GitRepositoryValue => {
        const credentials = {
          username: text(args["httpAuthUsername"]),
          token: args["httpAuthToken"] as Obj | undefined,
          header: args["httpAuthHeader"] as Obj | undefined,
          agent: args["sshAuthSocket"] as Obj | undefined,
          knownHosts: text(args["sshKnownHosts"]),
        };
        const { host } = sessionOf(graph);
        const hasAgent = credentials.agent !== undefined || (host.env["SSH_AUTH_SOCK"] ?? "") !== "";
        const url = checkedUrl(text(args["url"]), hasAgent);
        const keepsGitDir = args["keepGitDir"] !== false;
        const service = args["experimentalServiceHost"] as Obj | undefined;
        // No client can say it: the engine itself does, of the repository that a module comes from.
        const head = args["head"] as string | undefined;
        const isAskedByMachine = host.isContainer !== true;
        return { kind: "remote", url, credentials, service, isAskedByMachine, keepsGitDir, head };
      },
    },
  },
  Directory: {
    asGit: {
      run: async (self): Promise<GitRepositoryValue> => ({
        kind: "directory",
        directory: await self.value<DirectoryValue>(),
      }),
    },
  },
  GitRepository: {
    url: {
      run: async (self) => {
        const repository = await self.value<GitRepositoryValue>();
        return repository.kind === "remote" ? repository.url : null;
      },
    },
    head: finds((graph, repository) => findHead(graph, repository)),
    ref: finds((graph, repository, args) => findRef(graph, repository, text(args["name"]))),
    branch: finds((graph, repository, args) => findRef(graph, repository, below("refs/heads/", text(args["name"])))),
    tag: finds((graph, repository, args) => findRef(graph, repository, below("refs/tags/", text(args["name"])))),
    commit: finds(async (_graph, repository, args) => commitRef(repository, text(args["id"]))),
    latestVersion: finds((graph, repository) => findLatestVersion(graph, repository)),
    branches: lists("heads"),
    tags: lists("tags"),
    uncommitted: { run: async (self, _args, graph) => readUncommitted(graph, await self.value<GitRepositoryValue>()) },
  },
  GitRef: {
    ref: { run: async (self) => (await self.value<GitRefValue>()).ref },
    commit: { run: async (self) => (await self.value<GitRefValue>()).commit },
    tree: { run: async (self, args, graph) => checkOut(graph, self, await self.value<GitRefValue>(), args) },
    commonAncestor: {
      run: async (self, args, graph): Promise<GitRefValue> => {
        const ours = await self.value<GitRefValue>();
        const theirs = await object(args["other"]).value<GitRefValue>();
        const commit = await inScratch(graph, (scratch) => findCommonAncestor(graph, ours, theirs, scratch));
        return { repository: ours.repository, ref: commit, commit };
      },
    },
  },
};

function below(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : prefix + name;
}

async function inScratch<T>(graph: Graph, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await sessionOf(graph).store.makeScratch("git");
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The files of a commit, with a repository beside them that knows a part of the history. */
async function checkOut(graph: Graph, self: Obj, ref: GitRefValue, args: Args): Promise<DirectoryValue> {
  const depth = (args["depth"] as number | undefined) ?? 1;
  const tags = flag(args["includeTags"]);
  const isKept = ref.repository.kind !== "remote" || ref.repository.keepsGitDir;
  const discard = flag(args["discardGitDir"]) || !isKept;
  const key = ["git tree", await self.key(), depth, tags, discard];
  return await changeTree(graph, EMPTY_DIRECTORY, key, async (root) => {
    await checkOutInto(graph, root, await accessTo(graph, ref.repository), ref, { depth, tags });
    if (discard) await rm(join(root, ".git"), { recursive: true, force: true });
  });
}

/** In a repository of our own: the configuration of the other one could name programs that git starts. */
async function checkOutInto(
  graph: Graph,
  folder: string,
  access: GitAccess,
  { ref, commit }: GitRefValue,
  options: { readonly depth: number; readonly tags: boolean },
): Promise<void> {
  await gitOutput(folder, ["init", "--quiet", "--initial-branch=main"]);
  await fetchInto(graph, folder, access, commit, options);
  if (ref.startsWith("refs/")) await gitOutput(folder, ["update-ref", ref, commit]);
  await gitOutput(folder, ["checkout", "--quiet", "--detach", commit]);
  await bringSubmodules(graph, folder, access);
}

/** What the files of a repository are besides its last commit: changed, added, gone; not what is ignored. */
async function readUncommitted(graph: Graph, repository: GitRepositoryValue): Promise<ChangesetValue> {
  if (repository.kind === "remote") return { before: EMPTY_DIRECTORY, after: EMPTY_DIRECTORY };
  const { directory } = repository;
  const head = await findHead(graph, repository);
  const before = await changeTree(graph, EMPTY_DIRECTORY, ["committed", directory], async (root) => {
    await checkOutInto(graph, root, await accessTo(graph, repository), head, { depth: 1, tags: false });
    await rm(join(root, ".git"), { recursive: true, force: true });
  });
  const after = await changeTree(graph, EMPTY_DIRECTORY, ["uncommitted", directory], async (root) =>
    copyTreeInto({
      sourceRoot: await placeIn(graph, directory, "."),
      sourcePath: "/",
      destinationRoot: root,
      destinationPath: "/",
      exclude: [".git"],
      gitignore: true,
    }),
  );
  return { before, after };
}
