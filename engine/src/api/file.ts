import { statSync } from "node:fs";
import { posix } from "node:path";
import { contentDigest, fileDigest } from "../store/content.ts";
import { copyFileInto } from "../store/copy.ts";
import { changeOwnerInside, setTimesInside } from "../store/edit.ts";
import { exportFile } from "../store/export.ts";
import { EMPTY } from "../store/snapshot.ts";
import { parseOwner } from "../store/users.ts";
import { flag, text } from "./arguments.ts";
import { parseEnvFile } from "./env-file.ts";
import { ApiError } from "./errors.ts";
import { readsValue } from "./field-kinds.ts";
import { checkedName, newFile, readText } from "./file-contents.ts";
import type { Fields } from "./graph.ts";
import { parseDocument } from "./json-value.ts";
import { hostPlace, sessionOf } from "./session.ts";
import { readStat } from "./stat.ts";
import { changeTree, placeIn, rootOf } from "./trees.ts";
import type { FileValue } from "./values.ts";

const NEW_FILE_MODE = 0o644;

/** A field that is read from the file. */
const reads = readsValue<FileValue>;

export const fileFields: Fields = {
  Query: {
    file: {
      run: async (_self, args, graph): Promise<FileValue> => {
        const mode = (args["permissions"] as number | undefined) ?? NEW_FILE_MODE;
        return await newFile(graph, text(args["name"]), text(args["contents"]), mode);
      },
    },
  },
  File: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    name: reads((f) => posix.basename(f.path)),
    size: reads(async (f, _args, graph) => statSync(await placeIn(graph, f, ".")).size),
    contents: reads(async (f, args, graph) => {
      const whole = await readText(graph, f);
      return takeLines(whole, args["offsetLines"] as number | undefined, args["limitLines"] as number | undefined);
    }),
    digest: reads(async (f, args, graph) =>
      flag(args["excludeMetadata"])
        ? fileDigest(await placeIn(graph, f, "."))
        : await contentDigest(await rootOf(graph, f), f.path),
    ),
    stat: { ...reads((f, _args, graph) => readStat(graph, f, ".", true)), eager: true },
    withName: reads(async (f, args, graph): Promise<FileValue> => {
      const name = checkedName(text(args["name"]));
      if (name === "") throw new ApiError(`rename ${f.path} : file exists`);
      const made = await changeTree(graph, { snapshot: EMPTY, path: "/" }, ["withName", f, name], async (root) =>
        copyFileInto({
          source: { root: await rootOf(graph, f), path: f.path },
          name,
          destinationRoot: root,
          destinationPath: `/${name}`,
        }),
      );
      return { ...made, path: `/${name}` };
    }),
    withTimestamps: reads((f, args, graph) => {
      const seconds = args["timestamp"] as number;
      return changeTree(graph, f, ["withTimestamps", seconds], (root) => setTimesInside(root, f.path, seconds));
    }),
    chown: reads((f, args, graph) => {
      const owner = parseOwner(text(args["owner"]));
      return changeTree(graph, f, ["chown", owner], (root) => changeOwnerInside(root, f.path, owner));
    }),
    asEnvFile: reads(async (f, _args, graph) => parseEnvFile(await readText(graph, f))),
    asJSON: reads(async (f, _args, graph) => {
      const document = await readText(graph, f);
      parseDocument(document, () => new ApiError("invalid JSON"));
      return document;
    }),
    export: {
      run: async (self, args, graph) => {
        const f = await self.value<FileValue>();
        const destination = hostPlace(sessionOf(graph), text(args["path"]));
        await exportFile({
          sourceRoot: await rootOf(graph, f),
          sourcePath: f.path,
          name: posix.basename(f.path),
          destination,
          allowParent: flag(args["allowParentDirPath"]),
        });
        return destination.path;
      },
    },
  },
};

/** Lines keep their ends. Negative numbers mean: not set. */
function takeLines(whole: string, offset = -1, limit = -1): string {
  if (offset < 0 && limit < 0) return whole;
  const lines = whole.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const start = Math.max(offset, 0);
  return lines.slice(start, limit < 0 ? undefined : start + limit).join("");
}
