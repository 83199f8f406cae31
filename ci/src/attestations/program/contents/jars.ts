import { createHash } from "node:crypto";
import type { Package } from "./package.ts";
import { type Entry, listEntries } from "./zip.ts";

const ARCHIVE = /\.(?:jar|war|ear)$/i;
const POM = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
/** Jars within jars within wars: nobody goes deeper. */
const DEPTH = 3;

/** Is this the name of an archive of Java? */
export function isJar(path: string): boolean {
  return ARCHIVE.test(path);
}

/**
 * What Maven has written into an archive of Java and into those within it. One that says nothing is there with its name and
 * its hash: by that others can tell what it is.
 *
 * @throws Error when the archive cannot be read
 */
export function readJar(jar: Buffer, from: string, depth = DEPTH): Package[] {
  const entries = listEntries(jar);
  const poms = entries.filter(({ name }) => POM.test(name)).flatMap((entry) => readPom(entry, from));
  const inner = depth === 0 ? [] : entries.filter(({ name }) => isJar(name));
  const below = inner.flatMap((entry) => readJar(entry.read(), `${from}!/${entry.name}`, depth - 1));
  return [...(poms.length > 0 ? poms : [readName(jar, from)]), ...below];
}

function readPom(entry: Entry, from: string): Package[] {
  const text = entry.read().toString("utf8");
  const [group, name, version] = ["groupId", "artifactId", "version"].map(
    (key) => new RegExp(`^\\s*${key}\\s*[=:]\\s*(\\S+)\\s*$`, "m").exec(text)?.[1],
  );
  if (group === undefined || name === undefined || version === undefined) return [];
  return [{ kind: "maven", namespace: group, name, version, from }];
}

/** `kafka-clients-4.1.1.jar` is kafka-clients of version 4.1.1. */
function readName(jar: Buffer, from: string): Package {
  const file = (from.split("/").at(-1) ?? from).replace(ARCHIVE, "");
  const [, name = file, version = ""] = /^(.+?)-(\d[\w.+-]*)$/.exec(file) ?? [];
  const sha256 = createHash("sha256").update(jar).digest("hex");
  return { kind: "jar", name, version, from, sha256 };
}
