import { type Package, readHeaders } from "./package.ts";

/** Debian's list of packages, or one of the files that images without dpkg have of each package. */
export function readDpkg(text: string, from: string, system: string): Package[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const headers = readHeaders(paragraph);
    const [name, version, status] = ["package", "version", "status"].map((key) => headers.get(key));
    if (name === undefined || version === undefined) return [];
    // "install ok installed"; those that were removed leave their configuration in the list.
    if (status !== undefined && !/\sinstalled$/.test(status)) return [];
    const architecture = headers.get("architecture");
    return [
      { kind: "deb", namespace: system, name, version, ...(architecture === undefined ? {} : { architecture }), from },
    ];
  });
}

/** Alpine's list of packages: lines of one letter each, an empty line behind each package. */
export function readApk(text: string, from: string, system: string): Package[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = new Map(paragraph.split("\n").flatMap((line) => (line[1] === ":" ? [[line[0], line.slice(2)]] : [])));
    const [name, version, architecture] = ["P", "V", "A"].map((key) => lines.get(key));
    if (name === undefined || version === undefined) return [];
    return [
      { kind: "apk", namespace: system, name, version, ...(architecture === undefined ? {} : { architecture }), from },
    ];
  });
}

/** What the system calls itself (os-release(5)). */
export function readOsRelease(text: string): { id: string; version: string } | undefined {
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)["']?$`, "m").exec(text)?.[1];
  const id = value("ID");
  return id === undefined || id === "" ? undefined : { id, version: value("VERSION_ID") ?? "" };
}
