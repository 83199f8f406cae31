import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Command, PreparedContainer } from "../../../../engine/src/api/exec.ts";
import { openRedirects } from "../../../../engine/src/api/redirects.ts";
import { compareTrees } from "../../../../engine/src/store/compare.ts";
import { contentDigest } from "../../../../engine/src/store/content.ts";
import { copyFileInto, copyTreeInto } from "../../../../engine/src/store/copy.ts";
import {
  changeOwnerInside,
  makeDirectoryInto,
  removeInto,
  setTimesInside,
  symlinkInto,
  writeFileInto,
} from "../../../../engine/src/store/edit.ts";
import { exportChanges, exportFile, exportFolder } from "../../../../engine/src/store/export.ts";
import { importFile, importFolder, isThere, readHostFile } from "../../../../engine/src/store/import.ts";
import { Store } from "../../../../engine/src/store/store.ts";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";
import { lookupUser } from "../../../../engine/src/store/users.ts";
import { inTree } from "./temporary-tree.ts";

const OUTSIDE = "of the host";

/** A root with a folder `d` in it and a link `l` to a folder outside, which has the same names in it. */
const TREE = {
  "root/d/f": "inside",
  "root/d/sub/f": "inside",
  "root/d/.gitignore": "nothing\n",
  "root/d/passwd": "me:x:7:7::/inside:\n",
  "source/f": "new",
  "source/sub/g": "new",
  "source/l": { link: "f" },
  "outside/f": OUTSIDE,
  "outside/sub/f": OUTSIDE,
  "outside/sub/deep": OUTSIDE,
  "outside/.gitignore": "f\n",
  "outside/passwd": "me:x:8:8::/outside:\n",
  "before/f": "old",
};

/** One thing that the engine does below a root. What it answers may not come from outside. */
type Access = (dir: string, root: string) => unknown;

const into = (dir: string) => ({ sourceRoot: join(dir, "source"), sourcePath: "/" });

const ACCESSES: Readonly<Record<string, Access>> = {
  "reads a file": (_dir, root) => readHostFile({ root, path: "/d/f" }, "/no/store").then(String),
  "digests a tree": (_dir, root) => contentDigest(root, "/d"),
  "walks a tree": (_dir, root) => [...walkTree(root)].map(({ path }) => path),
  "looks for a name": (_dir, root) => `deep is there: ${isThere(root, "/d/sub/deep")}`,
  "looks up a user": (_dir, root) => `home ${lookupUserBelow(root)}`,
  "imports a folder": (dir, root) => imported(dir, (store) => importFolder(store, { root, path: "/d" }, {})),
  "imports by patterns": (dir, root) =>
    imported(dir, (store) => importFolder(store, { root, path: "/" }, { include: ["d/**"], gitignore: true })),
  "imports a file": (dir, root) => imported(dir, (store) => importFile(store, { root, path: "/d/sub/f" }, "f")),
  "exports a folder": (dir, root) => exportFolder({ ...into(dir), destination: { root, path: "/d" }, wipe: false }),
  "exports a folder to where none is": (dir, root) =>
    exportFolder({ ...into(dir), destination: { root, path: "/d/new/folder" }, wipe: false }),
  "wipes and exports": (dir, root) => exportFolder({ ...into(dir), destination: { root, path: "/d" }, wipe: true }),
  "exports a file": (dir, root) => exportOneFile(dir, root, "/d/sub/f"),
  "exports a new file": (dir, root) => exportOneFile(dir, root, "/d/new/f"),
  "exports a file into a folder": (dir, root) => exportOneFile(dir, root, "/d/sub"),
  "exports changes": (dir, root) =>
    exportChanges({ root, path: "/d" }, compareTrees(join(dir, "before"), join(dir, "source")), join(dir, "source")),
  "exports what was removed": (dir, root) =>
    exportChanges({ root, path: "/" }, { added: [], modified: [], removed: ["d/f", "d/sub/"] }, join(dir, "source")),
  "writes a file": (_dir, root) => writeFileInto(root, "/d/sub/f", "new", 0o600, { uid: 5, gid: 5 }),
  "makes a folder": (_dir, root) => makeDirectoryInto(root, "/d/sub/more/folder", 0o700, { uid: 5, gid: 5 }),
  "removes a tree": (_dir, root) => removeInto(root, "/d/sub"),
  "removes by a pattern": (_dir, root) => removeInto(root, "/d/*"),
  "makes a link": (_dir, root) => symlinkInto(root, "/d/sub/link", "f", { uid: 5, gid: 5 }),
  "changes owners": (_dir, root) => changeOwnerInside(root, "/d", { uid: 5, gid: 5 }),
  "sets times": (_dir, root) => setTimesInside(root, "/d", 1000),
  "copies a tree into it": (dir, root) =>
    copyTreeInto({ ...into(dir), destinationRoot: root, destinationPath: "/d/sub", permissions: 0o777 }),
  "copies a tree out of it": async (dir, root) => {
    const destination = { destinationRoot: join(dir, "before"), destinationPath: "/" };
    await copyTreeInto({ sourceRoot: root, sourcePath: "/d", ...destination });
    return tell(join(dir, "before"));
  },
  "redirects outputs into it": (_dir, root) => redirect(root, { redirectStdout: "/d/sub/f", redirectStderr: "/d/new" }),
  "redirects an input out of it": (_dir, root) => redirect(root, { redirectStdin: "/d/sub/f" }),
  "copies a file into it": (dir, root) =>
    copyFileInto({
      source: { root: join(dir, "source"), path: "/f" },
      name: "f",
      destinationRoot: root,
      destinationPath: "/d/sub/f",
      permissions: 0o777,
    }),
};

function lookupUserBelow(root: string): string {
  // The file that has the users, by a link as some images have it.
  fs.mkdirSync(join(root, "etc"), { recursive: true });
  if (!fs.existsSync(join(root, "etc/passwd"))) fs.symlinkSync("../d/passwd", join(root, "etc/passwd"));
  return lookupUser(root, "me").home;
}

async function imported(dir: string, use: (store: Store) => Promise<{ snapshot: { layers: readonly string[] } }>) {
  const store = new Store(join(dir, "store"), join(dir, "store/scratch"));
  const { snapshot } = await use(store);
  return Array.from(walkTree(store.layerDir(snapshot.layers[0] as string)), ({ path, place, stat }) =>
    stat.isFile() ? `${path} ${fs.readFileSync(place, "utf8")}` : path,
  );
}

/** What an exec does with a volume that others have mounted. */
async function redirect(root: string, given: Partial<Command>): Promise<string> {
  const command = { args: ["x"], redirectStdin: "", redirectStdout: "", redirectStderr: "", ...given } as Command;
  const user = { uid: process.getuid?.(), gid: process.getgid?.() };
  const prepared = { spec: { user }, locate: (path: string) => ({ root, path }) } as PreparedContainer;
  const redirects = openRedirects(prepared, command);
  for (const stream of ["stdout", "stderr"] as const) redirects.write(stream, Buffer.from("new"));
  redirects.close();
  return String(redirects.spec.stdin);
}

function exportOneFile(dir: string, root: string, path: string): Promise<void> {
  const source = { sourceRoot: join(dir, "source"), sourcePath: "/f", name: "f" };
  return exportFile({ ...source, destination: { root, path }, allowParent: true });
}

/** Everything of a folder that an access could change. */
function tell(folder: string): readonly string[] {
  return (fs.readdirSync(folder, { recursive: true }) as string[]).sort().map((name) => {
    const { mode, uid, gid, mtimeMs } = fs.lstatSync(join(folder, name));
    const text = fs.lstatSync(join(folder, name)).isFile() ? fs.readFileSync(join(folder, name), "utf8") : "";
    return [name, mode, uid, gid, mtimeMs, text].join(" ");
  });
}

type Call = (...args: unknown[]) => unknown;
const functions = fs as unknown as Record<string, Call>;
const CALLS = Object.keys(fs).filter((name) => name.endsWith("Sync"));

/** Runs `work` with a look at each call of the file system that it makes, before the call. */
async function watchingCalls(
  onCall: (count: number) => void,
  work: () => unknown,
): Promise<{ calls: number; said: string }> {
  const originals = new Map(CALLS.map((name) => [name, functions[name] as Call]));
  let calls = 0;
  let isInside = false;
  for (const [name, original] of originals) {
    functions[name] = (...args: unknown[]) => {
      if (!isInside) {
        isInside = true;
        calls += 1;
        try {
          onCall(calls);
        } finally {
          isInside = false;
        }
      }
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  let said: string;
  try {
    said = JSON.stringify(await work()) ?? "";
  } catch (error) {
    said = (error as Error).message;
  } finally {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  }
  return { calls, said };
}

function swap(root: string): void {
  fs.renameSync(join(root, "d"), join(root, "t"));
  fs.renameSync(join(root, "l"), join(root, "d"));
  fs.renameSync(join(root, "t"), join(root, "l"));
}

const swaps = suite("a folder that becomes a link between two steps");

for (const [name, access] of Object.entries(ACCESSES)) {
  swaps(`${name}: never leaves the root, whenever it happens`, async () => {
    let steps = 1;
    for (let at = 1; at <= steps; at += 1) {
      for (const isSwappedBack of at % 3 === 0 ? [false, true] : [false]) {
        await inTree(TREE, async (dir) => {
          const [root, outside] = [join(dir, "root"), join(dir, "outside")];
          fs.symlinkSync(outside, join(root, "l"));
          const before = tell(outside);
          const digests = name === "digests a tree" ? [await contentDigest(outside, "/")] : [];
          const { calls, said } = await watchingCalls(
            (count) => {
              if (count === at || (isSwappedBack && count === at + 1)) swap(root);
            },
            () => access(dir, root),
          );
          steps = Math.max(steps, Math.min(calls, 400));
          assert.equal(tell(outside), before, `the host was changed by a swap before call ${at} of ${calls}`);
          const found = [OUTSIDE, "deep is there: true", "sub/deep", "/outside:", "home /outside", ...digests];
          const leak = found.find((text) => said.includes(text));
          assert.is(leak, undefined, `read from the host by a swap before call ${at} of ${calls}: ${said}`);
        });
      }
    }
    assert.ok(steps > 3, `only ${steps} steps`);
  });
}

swaps.run();

const kinds = suite("what is no file");

kinds("is never opened: a pipe would not answer", () =>
  inTree({ "root/x": "x" }, async (dir) => {
    const { execFileSync } = await import("node:child_process");
    execFileSync("mkfifo", [join(dir, "root/pipe")]);
    const root = join(dir, "root");
    const problemOf = async (work: () => unknown) => {
      try {
        await work();
        return "nothing";
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    assert.is(await problemOf(() => readHostFile({ root, path: "/pipe" }, "/no/store")), "ENXIO");
    assert.is(await problemOf(() => writeFileInto(root, "/pipe", "x", 0o644)), "ENXIO");
    const source = { sourceRoot: root, sourcePath: "/x", name: "x" };
    assert.is(
      await problemOf(() => exportFile({ ...source, destination: { root, path: "/pipe" }, allowParent: false })),
      "ENXIO",
    );
  }),
);

kinds("is not taken from the host", () =>
  inTree({ "root/d/x": "x" }, async (dir) => {
    const { execFileSync } = await import("node:child_process");
    execFileSync("mkfifo", [join(dir, "root/d/pipe")]);
    const root = join(dir, "root");
    assert.equal(await imported(dir, (store) => importFolder(store, { root, path: "/d" }, {})), ["x x"]);
  }),
);

kinds("links of the kernel lead nowhere below a root, and to what they say on the machine", () =>
  inTree({ "root/d/x": "x", f: "of the machine" }, async (dir) => {
    const handle = fs.openSync(join(dir, "f"), "r");
    const root = join(dir, "root");
    fs.symlinkSync(`/proc/self/fd/${handle}`, join(root, "magic"));
    const problem = await readHostFile({ root, path: "/magic" }, "/no/store").catch((error: Error) => error.message);
    assert.is(problem, "lstat /proc: no such file or directory");
    assert.is(String(await readHostFile({ root: "/", path: join(root, "magic") }, "/no/store")), "of the machine");
    fs.closeSync(handle);
  }),
);

kinds("a folder deeper than any path can name is read and removed", () =>
  inTree({ "root/f": "x" }, async (dir) => {
    const root = join(dir, "root");
    const name = "n".repeat(200);
    let handle = fs.openSync(root, "r");
    for (let depth = 0; depth < 40; depth += 1) {
      fs.mkdirSync(`/proc/self/fd/${handle}/${name}`);
      const next = fs.openSync(`/proc/self/fd/${handle}/${name}`, "r");
      fs.closeSync(handle);
      handle = next;
    }
    fs.closeSync(handle);
    assert.is([...walkTree(root)].length, 41);
    removeInto(root, `/${name}`);
    assert.equal(fs.readdirSync(root), ["f"]);
  }),
);

kinds.run();
