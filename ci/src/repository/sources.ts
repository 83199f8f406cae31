import { basename, dirname } from "node:path/posix";
import { listNodeStarts } from "./node-starts.ts";
import { listTestSamples } from "./python-tests.ts";

/** Above this many files, only those whose name speaks for a program are read: what is looked for is where it starts. */
const MANY = 60;

/** How people call the file that a program starts in. */
const STARTS = /(?:Application|App|Main|Launcher|Server|Service|Runner|Starter|Bootstrap|Cli|CLI)(?:Kt)?\.(?:java|kt)$/;

/** Sources of the virtual machine of Java, by the folder of their module. */
const OF_JAVA = /^(.*?\/|)src\/main\/(?:java|kotlin)\/.+\.(?:java|kt)$/;

/** The sources whose text says what a repository is, out of all its files: what can be started, where it listens, what tests it. */
export function listSources(paths: readonly string[]): string[] {
  return [...listNodeStarts(paths), ...listPrograms(paths), ...listTestSamples(paths)];
}

/**
 * The sources that may start a program, of Java and Kotlin, and of Go in the folder of a go.mod. Of Go, `main.go` and what
 * lies in `cmd/` are among the patterns of TOLD already.
 */
function listPrograms(paths: readonly string[]): string[] {
  const modules = new Set(paths.filter((path) => basename(path) === "go.mod").map((path) => dirname(path)));
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const ofJava = OF_JAVA.exec(path)?.[1];
    const ofGo = /(?<!_test)\.go$/.test(path) && modules.has(dirname(path)) ? `go:${dirname(path)}` : undefined;
    const group = ofJava === undefined ? ofGo : `java:${ofJava}`;
    if (group === undefined) continue;
    const known = groups.get(group) ?? [];
    known.push(path);
    groups.set(group, known);
  }
  return [...groups.values()].flatMap((group) =>
    group.length <= MANY ? group : group.filter((path) => STARTS.test(path)),
  );
}
