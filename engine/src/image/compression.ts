import { spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { Duplex as DuplexStream } from "node:stream";
import { constants, createGunzip, createGzip } from "node:zlib";
import type { Compression } from "./oci.ts";

/** Larger pieces than zlib's own 16 KiB: a third less time for whole images. */
const CHUNK_BYTES = 256 * 1024;

export function compressor(compression: Exclude<Compression, "none">): Duplex {
  if (compression === "gzip") return createGzip({ chunkSize: CHUNK_BYTES, level: constants.Z_DEFAULT_COMPRESSION });
  return zstd(["-q", "-c", "-3"]);
}

export function decompressor(compression: Exclude<Compression, "none">): Duplex {
  return compression === "gzip" ? createGunzip({ chunkSize: CHUNK_BYTES }) : zstd(["-q", "-d", "-c"]);
}

/** Node 20 has no zstd of its own. */
function zstd(args: readonly string[]): Duplex {
  const child = spawn("zstd", args, { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const duplex = DuplexStream.from({ writable: child.stdin, readable: child.stdout as Readable });
  child.on("error", (cause) =>
    duplex.destroy(new Error(`zstd could not be started: ${cause.message}\n  to do: install the package zstd`)),
  );
  child.on("close", (code) => {
    if (code !== 0 && !duplex.destroyed)
      duplex.destroy(new Error(`zstd failed: ${Buffer.concat(complaints).toString().trim()}`));
  });
  return duplex;
}
