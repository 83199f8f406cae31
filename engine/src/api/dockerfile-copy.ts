import { posix } from "node:path";
import { contentDigest } from "../store/content.ts";
import {
  copySelected,
  filterOfSelection,
  isLeftOut,
  placeFile,
  type SelectedCopy,
  type Selection,
} from "../store/copy-selected.ts";
import { expandPattern } from "../store/edit.ts";
import { useInside } from "../store/inside.ts";
import { PathError } from "../store/paths.ts";
import { archiveContent } from "./dockerfile-archive.ts";
import { objectOf, ownerIn, type SentCopy, type SentSource, stepKey } from "./dockerfile-sent.ts";
import { ApiError } from "./errors.ts";
import type { Args, Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";
import { pathIn, rootOf } from "./trees.ts";
import type { ContainerValue, DirectoryValue, FileValue } from "./values.ts";

type FilesSource = SentSource & { readonly kind: "files" };

function stepOf(args: Args): SentCopy {
  return args["step"] as SentCopy;
}

/** Names a COPY: what was there before, where to, and the content of exactly what is taken. */
export async function copyKey(graph: Graph, parent: string, args: Args): Promise<string> {
  const step = stepOf(args);
  const contents = await Promise.all(step.sources.map((source) => sourceKey(graph, args, source)));
  const { destination, owner, mode, exclude } = step;
  return stepKey("copy", parent, [destination, owner, mode ?? null, exclude, contents]);
}

async function sourceKey(graph: Graph, args: Args, source: SentSource): Promise<unknown> {
  if (source.kind === "inline") return source;
  if (source.kind === "file") return [source.name, source.unpack, await objectOf(args, source).key()];
  const found = await selectionsOf(graph, args, source);
  const digests = await Promise.all(found.map(digestOfSelection)).catch((error) => {
    throw error instanceof PathError ? new ApiError(`failed to copy source directory: ${error.message}`) : error;
  });
  return [source.unpack, source.include, found.map(({ path }, place) => [posix.basename(path), digests[place]])];
}

async function digestOfSelection(selection: Selection): Promise<string> {
  const { root, path } = selection;
  const folder = useInside(root, path, { followLast: true }, (opened) =>
    opened.stat.isDirectory() ? opened.path : undefined,
  );
  if (folder === undefined) return isLeftOut(selection) ? "" : await contentDigest(root, path);
  const filter = filterOfSelection(selection, folder);
  return await contentDigest(root, path, filter === undefined ? {} : { filter });
}

/** What a path with or without patterns means in its tree now; nothing when a pattern matches nothing. */
async function selectionsOf(graph: Graph, args: Args, source: FilesSource): Promise<readonly Selection[]> {
  const directory = await objectOf(args, source).value<DirectoryValue>();
  const root = await rootOf(graph, directory);
  const path = pathIn(directory, source.path);
  const paths = /[*?[]/.test(source.path) ? [...expandPattern(root, path)].sort() : [path];
  return paths.map((found) => ({ root, path: found, include: source.include, exclude: stepOf(args).exclude }));
}

/** Copies; what is in the way is replaced. */
export async function copyStep(
  graph: Graph,
  container: ContainerValue,
  args: Args,
  key: string,
): Promise<ContainerValue> {
  const { store } = sessionOf(graph);
  const step = stepOf(args);
  const rootfs = await store.once(["dockerfile copy", container.rootfs, key], async () => {
    const owner = step.owner === "" ? undefined : ownerIn(await store.view(container.rootfs), step.owner);
    return await store.change(container.rootfs, async (destinationRoot) => {
      const into = { destinationRoot, destinationPath: step.destination, owner, permissions: step.mode };
      for (const source of step.sources) await copySource(graph, args, source, into);
    });
  });
  return { ...container, rootfs };
}

/** Where a source goes, and what it gets there. */
type Into = Omit<SelectedCopy, "source">;

async function copySource(graph: Graph, args: Args, source: SentSource, into: Into): Promise<void> {
  if (source.kind === "inline") {
    placeFile({ source: { contents: source.content }, name: source.name, ...into });
    return;
  }
  if (source.kind === "file") {
    const file = await objectOf(args, source).value<FileValue>();
    const found = { root: await rootOf(graph, file), path: file.path };
    if (source.unpack && (await unpackedInto(graph, found, into))) return;
    placeFile({ source: found, name: source.name, ...into });
    return;
  }
  for (const selection of await selectionsOf(graph, args, source)) {
    if (source.unpack && (await unpackedInto(graph, selection, into))) continue;
    await copySelected({ source: selection, ...into });
  }
}

/** @returns whether it was an archive: then what is in it is where it belongs, with modes of its own */
async function unpackedInto(
  graph: Graph,
  file: { readonly root: string; readonly path: string },
  into: Into,
): Promise<boolean> {
  const { store } = sessionOf(graph);
  const content = await archiveContent(store, file.root, file.path);
  if (content === undefined) return false;
  const source = { root: await store.view(content), path: "/", include: [], exclude: [] };
  await copySelected({ ...into, source, permissions: undefined });
  return true;
}
