import { typeName } from "../../api/names.ts";

/** What a client says beside the schema: the schema has no doc comments, and not what an enum's member is worth. */
export interface ClientWords {
  /** Lines of the doc comment of `Type`, `Type.method`, `TypeMethodOpts.argument`, `Enum.Member`; none: no comment. */
  comment(key: string): readonly string[];
  /** What a member travels as in TypeScript, where that is not its name. */
  memberValue(enumName: string, member: string): string | undefined;
}

/** `ContainerWithExecOpts` */
export function optionsName(owner: string, field: string): string {
  return `${owner === "Query" ? "Client" : owner}${typeName(field)}Opts`;
}

/** A doc comment with its end of line; nothing for no lines. */
export function commentText(lines: readonly string[], indent: string): string {
  if (lines.length === 0) return "";
  const inner = lines.map((line) => `${indent} *${line === "" ? "" : ` ${line.replaceAll("*/", "*\\/")}`}\n`);
  return `${indent}/**\n${inner.join("")}${indent} */\n`;
}
