import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { readCommand } from "./command.ts";

/** An image of one layer. */
export interface PackedImage {
  /** The folder that becomes `/`; everything in it belongs to root. */
  readonly rootDir: string;
  /** Name and tag under which `ctr images import` knows it. */
  readonly name: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Writes an image as an OCI archive (OCI image layout in a tar file). */
export async function packImage(image: PackedImage, target: string): Promise<void> {
  const layout = join(dirname(target), "layout");
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const layerFile = join(layout, "layer");
  const asRoot = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name", "--mtime=@0"];
  await readCommand(["tar", ...asRoot, "-C", image.rootDir, "-cf", layerFile, "."]);
  const hash = createHash("sha256");
  await pipeline(createReadStream(layerFile), hash);
  const digest = `sha256:${hash.digest("hex")}`;
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: statSync(layerFile).size };
  renameSync(layerFile, join(blobs, digest.slice(7)));
  const addJson = (mediaType: string, content: object): Descriptor => {
    const text = JSON.stringify(content);
    const own = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    writeFileSync(join(blobs, own.slice(7)), text);
    return { mediaType, digest: own, size: Buffer.byteLength(text) };
  };
  const config = addJson("application/vnd.oci.image.config.v1+json", {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: image.entrypoint, Cmd: image.cmd, User: image.user, WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: [digest] },
  });
  const manifest = addJson("application/vnd.oci.image.manifest.v1+json", { schemaVersion: 2, config, layers: [layer] });
  const named = { ...manifest, annotations: { "io.containerd.image.name": image.name } };
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await readCommand(["tar", "-C", layout, "-cf", target, "."]);
  rmSync(layout, { recursive: true });
}
