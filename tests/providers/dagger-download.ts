import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { DAGGER } from "../../ci/src/providers/install.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../slipway");

/**
 * An archive on this machine's loopback in place of the one that generated files download: the program `dagger` in it is the embedded
 * engine of this checkout, whose command line is that of `dagger`. All lines that download, compare and unpack it are run.
 */
export interface DaggerDownload {
  /**
   * The text of a generated file with the address and the digest of this archive.
   *
   * @param bin in place of /usr/local/bin, which is a container's own where the file is for
   */
  lead(text: string, bin: string): string;
  close(): void;
}

/** Packs the archive and serves it. */
export async function serveDagger(): Promise<DaggerDownload> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-dagger-"));
  writeFileSync(join(folder, "dagger"), `#!/bin/sh\nexec "${SLIPWAY}" "$@"\n`);
  chmodSync(join(folder, "dagger"), 0o755);
  await execa("tar", ["-czf", "dagger.tar.gz", "dagger"], { cwd: folder });
  const archive = readFileSync(join(folder, "dagger.tar.gz"));
  rmSync(folder, { recursive: true });
  const server = createServer((_, answer) => answer.end(archive));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return {
    lead: (text, bin) =>
      text
        .replaceAll(DAGGER.archive, `http://127.0.0.1:${port}/dagger.tar.gz`)
        .replaceAll(DAGGER.sha256, sha256)
        .replaceAll("/usr/local/bin", bin),
    close: () => server.close(),
  };
}
