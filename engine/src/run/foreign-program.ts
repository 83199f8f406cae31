import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Machines whose programs this kernel runs by itself, as ELF numbers them (e_machine), with those of 32 bits. */
const OWN_MACHINES: Readonly<Record<string, readonly number[]>> = {
  x64: [62, 3],
  arm64: [183, 40],
};

const MACHINE_AT = 18;
/** Least significant byte first. */
const LITTLE = 1;

/**
 * Whether a program is of another machine, and nothing here is known to the kernel that emulates it.
 *
 * @param start the first 20 bytes of an ELF file, a character each
 */
export function isForeignProgram(start: string, emulators: () => readonly string[] = listEmulators): boolean {
  const own = OWN_MACHINES[process.arch];
  // What is too short, and a machine that is not known here, is for the kernel to judge.
  if (own === undefined || start.length < MACHINE_AT + 2) return false;
  const bytes = Buffer.from(start.slice(MACHINE_AT, MACHINE_AT + 2), "latin1");
  const machine = start.charCodeAt(5) === LITTLE ? bytes.readUInt16LE() : bytes.readUInt16BE();
  if (own.includes(machine)) return false;
  const wanted = bytes.toString("hex");
  return !emulators().some(
    (magic) => magic.startsWith("7f454c46") && magic.slice(MACHINE_AT * 2, MACHINE_AT * 2 + 4) === wanted,
  );
}

const BINFMT = "/proc/sys/fs/binfmt_misc";

/** How the programs begin for which an emulator is registered, in hexadecimal digits. */
function listEmulators(): string[] {
  try {
    return readdirSync(BINFMT).flatMap((name) => {
      if (name === "register" || name === "status") return [];
      const text = readFileSync(join(BINFMT, name), "utf8");
      return text.startsWith("enabled") ? [/^magic ([0-9a-f]+)$/m.exec(text)?.[1] ?? ""] : [];
    });
  } catch {
    // Not mounted: nobody has registered anything.
    return [];
  }
}
