/** How a program asks the kernel: as one of 64 bits, by the older door of 32 bits, or in the mixed form. */
export type CallDoor = "x64" | "int80" | "x32";

/** One system call by its number; a text is the address of that text. */
export interface RawCall {
  readonly door: CallDoor;
  readonly number: number;
  readonly args: readonly (number | bigint | string)[];
}

const loadAddress = 0x40_0000n;
const headerBytes = 64 + 56;
const x32Bit = 0x4000_0000;

/**
 * A program for x86-64 without any library that makes exactly one system call and ends with its error number, or with 0. No
 * compiler and no script language is needed, and nothing stands between the test and the kernel.
 */
export function programOf({ door, number, args }: RawCall): Buffer {
  const texts = args.filter((arg) => typeof arg === "string").map((text) => Buffer.from(`${text}\0`));
  const code = (addressOfTexts: bigint) => Buffer.concat([call(door, number, placed(args, addressOfTexts)), leave]);
  const textsAt = loadAddress + BigInt(headerBytes + code(0n).length);
  const body = Buffer.concat([code(textsAt), ...texts]);
  return Buffer.concat([header(body.length), body]);
}

function placed(args: RawCall["args"], textsAt: bigint): bigint[] {
  let next = textsAt;
  return args.map((arg) => {
    if (typeof arg !== "string") return BigInt.asUintN(64, BigInt(arg));
    const here = next;
    next += BigInt(Buffer.byteLength(arg) + 1);
    return here;
  });
}

/** `mov register, value` for rdi, rsi, rdx, r10, r8 and r9, where the 64-bit call has its arguments. */
const registers64 = [0x48bf, 0x48be, 0x48ba, 0x49ba, 0x49b8, 0x49b9];
/** The same for rbx, rcx, rdx, rsi, rdi and rbp. */
const registers32 = [0x48bb, 0x48b9, 0x48ba, 0x48be, 0x48bf, 0x48bd];
const movRax = 0x48b8;

function call(door: CallDoor, number: number, args: readonly bigint[]): Buffer {
  const registers = door === "int80" ? registers32 : registers64;
  const parts = args.map((arg, index) => move(registers[index] ?? 0, arg));
  const wanted = door === "x32" ? number + x32Bit : number;
  const enter = door === "int80" ? [0xcd, 0x80] : [0x0f, 0x05];
  return Buffer.concat([...parts, move(movRax, BigInt(wanted)), Buffer.from(enter)]);
}

function move(instruction: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt16BE(instruction, 0);
  bytes.writeBigUInt64LE(value, 2);
  return bytes;
}

/** xor edi,edi; test eax,eax; jns +4; mov edi,eax; neg edi; mov eax,60 (exit); syscall */
const leave = Buffer.from("31ff85c0790489c7f7dfb83c0000000f05", "hex");

/** An ELF header with one segment that is all of the file. */
function header(bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  Buffer.from("7f454c46020101", "hex").copy(bytes);
  bytes.writeUInt16LE(2, 16); // an executable
  bytes.writeUInt16LE(62, 18); // for x86-64
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(loadAddress + BigInt(headerBytes), 24); // where it begins
  bytes.writeBigUInt64LE(64n, 32); // the segment's description
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64); // loaded
  bytes.writeUInt32LE(5, 68); // to be read and executed
  bytes.writeBigUInt64LE(loadAddress, 80);
  bytes.writeBigUInt64LE(loadAddress, 88);
  bytes.writeBigUInt64LE(BigInt(headerBytes + bodyBytes), 96);
  bytes.writeBigUInt64LE(BigInt(headerBytes + bodyBytes), 104);
  bytes.writeBigUInt64LE(4096n, 112);
  return bytes;
}
