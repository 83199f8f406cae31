import { ApiError } from "./errors.ts";

const COMPONENT = "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.-]*)\\\\))?$";
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  i386: "386",
  armhf: "arm",
  armel: "arm",
};
const KNOWN_ARCHITECTURES = new Set([
  "amd64",
  "arm64",
  "386",
  "arm",
  "ppc64le",
  "s390x",
  "riscv64",
  "mips64le",
  "loong64",
]);

/** The platform of this machine; no other can be run here. */
export const HOST_PLATFORM = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * The usual spelling of a platform: `linux/x86_64` is `linux/amd64`, what is left out is that of this machine.
 *
 * @throws ApiError in the words of containerd
 */
export function normalisePlatform(text: string): string {
  const [first = "", ...rest] = text.split("/");
  if (!/^[A-Za-z0-9_-]+(\([A-Za-z0-9_.-]*\))?$/.test(first)) {
    throw new ApiError(
      `"${first}" is an invalid OS component of "${text}": OSAndVersion specifier component must match "${COMPONENT}": invalid argument`,
    );
  }
  if (rest.length === 0) {
    const architecture = ARCHITECTURES[first.toLowerCase()] ?? first.toLowerCase();
    if (KNOWN_ARCHITECTURES.has(architecture)) return `linux/${architecture}`;
    return `${first.toLowerCase()}/${HOST_PLATFORM.split("/")[1]}`;
  }
  const [given = "", ...variant] = rest;
  const architecture = ARCHITECTURES[given.toLowerCase()] ?? given.toLowerCase();
  return [first.toLowerCase(), architecture, ...variant].join("/");
}
