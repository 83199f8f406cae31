import { END_OF_TAR, formatHeader, makeHeader, padding, type TarHeader } from "../../engine/src/image/layer-tar.ts";

/** One entry of a tar archive, with the text of a file. */
export type Given = Partial<TarHeader> & Pick<TarHeader, "path" | "type"> & { readonly text?: string };

/** A tar archive of exactly these entries, whatever they say. */
export function tarOf(...entries: readonly Given[]): Buffer {
  const parts = entries.flatMap(({ text = "", ...given }) => [
    formatHeader(makeHeader({ size: text.length, ...given })),
    Buffer.from(text, "latin1"),
    padding(text.length),
  ]);
  return Buffer.concat([...parts, END_OF_TAR]);
}
