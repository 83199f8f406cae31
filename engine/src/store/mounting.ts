import { type ProgramEnd, runByShell } from "./helper-shell.ts";

/** Whether the machine's busybox can do it, as far as it is known. */
let isBusyboxThere = true;

/** No such program, or none that has this command. */
const NOT_FOUND = 127;

/**
 * Runs mount(8), umount(8) or mkfifo(1): those of busybox where it is there, which is one file without libraries and starts in a
 * third of the time. What it could not do is tried again by the machine's own, whose words are known.
 *
 * @param options as those of `runByShell`; `before` is run by the same programs
 */
export async function runMounting(
  command: readonly string[],
  { cwd, before = [] }: { readonly cwd?: string; readonly before?: readonly (readonly string[])[] } = {},
): Promise<ProgramEnd> {
  const where = cwd === undefined ? {} : { cwd };
  if (isBusyboxThere) {
    const ofBusybox = (words: readonly string[]) => ["busybox", ...words];
    const end = await runByShell("mounts", ofBusybox(command), { ...where, before: before.map(ofBusybox) });
    if (end.code === 0) return end;
    if (end.code === NOT_FOUND) isBusyboxThere = false;
  }
  return await runByShell("mounts", command, { ...where, before });
}
