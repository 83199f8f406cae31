import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileServer, startFileServer } from "./file-server.ts";

/** A mirror of Debian on loopback with one package, signed by a key of its own. */
export interface DebianMirror extends FileServer {
  /** The public key, as apt takes it. */
  readonly keyring: Buffer;
  /** Writes the index anew, signed: with the package as it is now, or with other dates. */
  publish(dates?: { readonly date?: Date; readonly validUntil?: Date }): void;
}

/** Where the mirror has what tests damage. */
export const PLACES = {
  index: "/debian/dists/bookworm/InRelease",
  packages: "/debian/dists/bookworm/main/binary-amd64/Packages",
  package: "/debian/pool/hello.deb",
} as const;

export async function startDebianMirror(): Promise<DebianMirror> {
  const dir = mkdtempSync(join(tmpdir(), "debian-mirror-"));
  const gpg = (args: readonly string[], input?: string): Buffer =>
    execFileSync("gpg", ["--homedir", dir, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args], {
      input: input ?? "",
      stdio: ["pipe", "pipe", "pipe"],
    });
  gpg(["--passphrase", "", "--quick-gen-key", "mirror@example", "default", "default", "never"]);
  const server = await startFileServer();
  const deb = buildPackage(dir);
  const publish: DebianMirror["publish"] = ({ date = new Date(), validUntil } = {}) => {
    server.files.set(PLACES.package, deb);
    const packages = packagesText(dir, deb);
    server.files.set(PLACES.packages, packages);
    server.files.set(PLACES.index, gpg(["--clearsign"], releaseText(packages, date, validUntil)));
  };
  publish();
  return {
    ...server,
    keyring: gpg(["--export"]),
    publish,
    stop: async () => {
      execFileSync("gpgconf", ["--homedir", dir, "--kill", "all"]);
      rmSync(dir, { recursive: true, force: true });
      await server.stop();
    },
  };
}

function buildPackage(dir: string): Buffer {
  const tree = join(dir, "package");
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  mkdirSync(join(tree, "usr/share/hello"), { recursive: true });
  writeFileSync(join(tree, "usr/share/hello/text"), "hello\n");
  writeFileSync(
    join(tree, "DEBIAN/control"),
    "Package: hello\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example>\nDescription: a test\n",
  );
  const file = join(dir, "hello.deb");
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, file], { stdio: "pipe" });
  return readFileSync(file);
}

function packagesText(dir: string, deb: Buffer): string {
  const control = execFileSync("dpkg-deb", ["--field", join(dir, "hello.deb")]).toString("utf8");
  return `${control}Filename: pool/hello.deb\nSize: ${deb.length}\nSHA256: ${hex(deb)}\n`;
}

function releaseText(packages: string, date: Date, validUntil: Date | undefined): string {
  return [
    "Origin: Debian",
    "Suite: oldstable",
    "Codename: bookworm",
    `Date: ${date.toUTCString()}`,
    ...(validUntil === undefined ? [] : [`Valid-Until: ${validUntil.toUTCString()}`]),
    "Architectures: amd64",
    "Components: main",
    "SHA256:",
    ` ${hex(packages)} ${Buffer.byteLength(packages)} main/binary-amd64/Packages`,
    "",
  ].join("\n");
}

function hex(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
