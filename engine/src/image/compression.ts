import type { Duplex, Readable } from "node:stream";
import { Duplex as DuplexStream } from "node:stream";
import { constants, createGunzip, createGzip } from "node:zlib";
import { cannotStart, startProgram } from "../store/start-program.ts";
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

/** What a file may be compressed with, by its first bytes. */
const MARKS: readonly (readonly [name: "gzip" | "zstd" | "xz" | "bzip2", bytes: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

/** Decompresses a file that begins with these bytes; undefined when it does not look compressed. */
export function decompressorOf(start: Buffer): Duplex | undefined {
  const found = MARKS.find(([, bytes]) => bytes.every((byte, place) => start[place] === byte))?.[0];
  if (found === undefined) return undefined;
  if (found === "gzip" || found === "zstd") return decompressor(found);
  return through(found, ["-q", "-d", "-c"], found === "xz" ? "xz-utils" : "bzip2");
}

/** Node 20 has no zstd of its own. */
function zstd(args: readonly string[]): Duplex {
  return through("zstd", args, "zstd");
}

/** A program that is no part of this machine. */
export class ProgramMissing extends Error {}

function through(program: string, args: readonly string[], inPackage: string): Duplex {
  const child = startProgram(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const duplex = DuplexStream.from({ writable: child.stdin, readable: child.stdout as Readable });
  child.on("error", (cause) => duplex.destroy(new ProgramMissing(cannotStart(program, cause, inPackage).message)));
  child.on("close", (code) => {
    if (code !== 0 && !duplex.destroyed)
      duplex.destroy(new Error(`${program} failed: ${Buffer.concat(complaints).toString().trim()}`));
  });
  return duplex;
}
