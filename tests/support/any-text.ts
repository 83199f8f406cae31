import fc from "fast-check";

const LAST = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/** Any character of Unicode. */
const anyCharacter = fc.nat(LAST - SURROGATES).map(
  (at) => String.fromCodePoint(at < FIRST_SURROGATE ? at : at + SURROGATES),
  (character) => {
    if (typeof character !== "string" || [...character].length !== 1) throw new Error("not one character");
    const code = character.codePointAt(0) ?? 0;
    if (code >= FIRST_SURROGATE && code < FIRST_SURROGATE + SURROGATES) throw new Error("a surrogate");
    return code < FIRST_SURROGATE ? code : code - SURROGATES;
  },
);

/** Text of any characters of Unicode. fast-check's own unit `binary` first makes a table of all of them, for half a second. */
export const anyText = () => fc.string({ unit: anyCharacter });
