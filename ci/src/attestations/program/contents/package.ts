/** Something that was installed into an image, and where that is written. */
export interface Package {
  readonly kind: "deb" | "apk" | "rpm" | "npm" | "pypi" | "golang" | "maven" | "jar";
  /** Of a system's packages its name, of Maven the group, of npm the scope with its `@`. */
  readonly namespace?: string;
  readonly name: string;
  readonly version: string;
  /** Of a system's packages. */
  readonly architecture?: string;
  /** Of RPM: what counts before the version when two of them are compared. */
  readonly epoch?: number;
  /** The file that says so, from the top of the image. */
  readonly from: string;
  /** Of a jar that does not say what it is: its SHA-256, 64 hex digits. */
  readonly sha256?: string;
}

/** What an image holds, and what of it could not be told. */
export interface Contents {
  readonly packages: readonly Package[];
  /** One line each. */
  readonly unread: readonly string[];
  /** Of os-release: `ID` and `VERSION_ID`. */
  readonly system?: { readonly id: string; readonly version: string };
}

/** The values of a text of `Key: value` lines, by key in lower case; lines that go on are left out. */
export function readHeaders(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, key, value] = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key.toLowerCase(), value ?? ""] as const];
  });
  // The first one counts: a description below may look like a header.
  return new Map(lines.reverse());
}
