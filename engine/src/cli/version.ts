/** This program's own version. */
export const SLIPWAY_VERSION = "0.1.0";
/** The version of Dagger whose command line, API and modules it speaks. */
export const DAGGER_VERSION = "0.21.8";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** `slipway v0.1.0 (speaks dagger v0.21.8) linux/amd64` */
export function versionText(): string {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return `slipway v${SLIPWAY_VERSION} (speaks dagger v${DAGGER_VERSION}) ${process.platform}/${architecture}`;
}
