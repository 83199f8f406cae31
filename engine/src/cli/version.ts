import { ENGINE_VERSION } from "../api/engine-version.ts";

/** This program's own version; the build puts it in. */
const SLIPWAY_VERSION = process.env.SLIPWAY_VERSION ?? "0.0.0-source";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** `slipway v0.1.0` */
export function programText(): string {
  return `slipway v${SLIPWAY_VERSION}`;
}

/** `slipway v0.1.0 (speaks dagger v0.21.8) linux/amd64` */
export function versionText(): string {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return `${programText()} (speaks dagger ${ENGINE_VERSION}) ${process.platform}/${architecture}`;
}
