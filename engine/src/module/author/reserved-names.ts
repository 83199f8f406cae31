/** Words that a generated name may not be; a line below is put after them. Whether they are written in capitals does not count. */
const RESERVED = new Set(
  `await break case catch class const continue debugger default delete do else enum extends false finally for function if
  implements import in instanceof interface new null package private protected public return super switch this throw true
  try typeof var void while yield as let static any boolean constructor declare module require number set string symbol
  type async namespace`.split(/\s+/),
);

export function isReserved(name: string): boolean {
  return RESERVED.has(name.toLowerCase());
}
