import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isForeignProgram } from "../../../../engine/src/run/foreign-program.ts";

const foreign = suite("programs of other machines");

/** The start of an ELF file of a machine, least significant byte first. */
function elf(machine: number, bits = 2): string {
  const start = Buffer.alloc(20);
  start.write("\x7fELF", 0, "latin1");
  start[4] = bits;
  start[5] = 1;
  start.writeUInt16LE(machine, 18);
  return start.toString("latin1");
}

const [own, other] = process.arch === "x64" ? [62, 183] : [183, 62];
const none = () => [];

foreign("are told from those of this machine, also of 32 bits", () => {
  assert.is(isForeignProgram(elf(own), none), false);
  assert.is(isForeignProgram(elf(process.arch === "x64" ? 3 : 40, 1), none), false);
  assert.is(isForeignProgram(elf(other), none), true);
});

foreign("may be in the other order of bytes", () => {
  const start = Buffer.from(elf(0), "latin1");
  start[5] = 2;
  start.writeUInt16BE(22, 18);
  assert.is(isForeignProgram(start.toString("latin1"), none), true);
  start.writeUInt16BE(own, 18);
  assert.is(isForeignProgram(start.toString("latin1"), none), false);
});

foreign("run where the kernel knows who emulates them", () => {
  const magicOf = (machine: number) => Buffer.from(elf(machine), "latin1").toString("hex");
  assert.is(
    isForeignProgram(elf(other), () => ["", magicOf(8), magicOf(other)]),
    false,
  );
  assert.is(
    isForeignProgram(elf(other), () => [magicOf(8), "cafebabe"]),
    true,
  );
});

foreign("are for the kernel to judge when they are cut", () => {
  assert.is(isForeignProgram(elf(other).slice(0, 18), none), false);
});

foreign.run();
