import { ApiError } from "./errors.ts";

const OS = "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.-]*)\\))?$";
const COMPONENT = "^[A-Za-z0-9_.-]+$";

const SYSTEMS = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(
    " ",
  ),
);
const ARCHITECTURES = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 " +
    "mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);

/** The platform of this machine; no other can be run here. */
export const HOST_PLATFORM = `linux/${process.arch === "x64" ? "amd64" : process.arch}`;

/**
 * The usual spelling of a platform: `linux/x86_64` is `linux/amd64`, what is left out is that of this machine. The
 * version of an operating system, as in `windows(10.0)/amd64`, is left out.
 *
 * @throws ApiError in the words of containerd
 */
export function normalisePlatform(text: string): string {
  if (text.includes("*")) throw invalid(`${quote(text)}: wildcards not yet supported`);
  const parts = text.split("/");
  const [first = "", architecture = "", variant = ""] = parts;
  checkComponents(text, parts);
  const system = systemOf(first);
  switch (parts.length) {
    case 1:
      return alone(text, system);
    case 2:
      return join(system, withoutUsualVariant(cpuOf(architecture, "")));
    case 3: {
      const cpu = cpuOf(architecture, variant);
      return join(system, cpu.name === "arm64" && cpu.variant === "" ? { ...cpu, variant: "v8" } : cpu);
    }
    default:
      throw invalid(`${quote(text)}: cannot parse platform specifier`);
  }
}

interface Cpu {
  readonly name: string;
  readonly variant: string;
}

/** An operating system or an architecture; either has to be known. */
function alone(text: string, system: string): string {
  const [hostSystem = "", hostArchitecture = ""] = HOST_PLATFORM.split("/");
  if (SYSTEMS.has(system)) return `${system}/${hostArchitecture}`;
  const cpu = withoutUsualVariant(cpuOf(text, ""));
  if (ARCHITECTURES.has(cpu.name)) return join(hostSystem, cpu);
  throw invalid(`${quote(text)}: unknown operating system or architecture`);
}

/** What comes after the third slash is looked at as a whole. */
function checkComponents(text: string, [first = "", ...others]: readonly string[]): void {
  if (!new RegExp(OS).test(first)) {
    throw invalid(
      `${quote(first)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match ${quote(OS)}`,
    );
  }
  const components = others.length > 3 ? [...others.slice(0, 2), others.slice(2).join("/")] : others;
  for (const component of components) {
    if (new RegExp(COMPONENT).test(component)) continue;
    throw invalid(
      `${quote(component)} is an invalid component of ${quote(text)}: platform specifier component must match ${quote(COMPONENT)}`,
    );
  }
}

function systemOf(written: string): string {
  const name = (new RegExp(OS).exec(written)?.[1] ?? "").toLowerCase();
  return name === "macos" ? "darwin" : name;
}

function cpuOf(written: string, writtenVariant: string): Cpu {
  const [name, variant] = [written.toLowerCase(), writtenVariant.toLowerCase()];
  switch (name) {
    case "i386":
      return { name: "386", variant: "" };
    case "x86_64":
    case "x86-64":
    case "amd64":
      return { name: "amd64", variant: variant === "v1" ? "" : variant };
    case "aarch64":
    case "arm64":
      return { name: "arm64", variant: ARM64_VARIANTS[variant] ?? variant };
    case "armhf":
      return { name: "arm", variant: "v7" };
    case "armel":
      return { name: "arm", variant: "v6" };
    case "arm":
      return { name: "arm", variant: ARM_VARIANTS[variant] ?? variant };
    default:
      return { name, variant };
  }
}

const ARM64_VARIANTS: Readonly<Record<string, string>> = {
  "8": "",
  v8: "",
  "v8.0": "",
  "9": "v9",
  "9.0": "v9",
  "v9.0": "v9",
};
const ARM_VARIANTS: Readonly<Record<string, string>> = { "": "v7", "7": "v7", "5": "v5", "6": "v6", "8": "v8" };

function withoutUsualVariant(cpu: Cpu): Cpu {
  return cpu.name === "arm" && cpu.variant === "v7" ? { ...cpu, variant: "" } : cpu;
}

function join(system: string, { name, variant }: Cpu): string {
  return [system, name, variant].filter((part) => part !== "").join("/");
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function invalid(reason: string): ApiError {
  return new ApiError(`${reason}: invalid argument`);
}
