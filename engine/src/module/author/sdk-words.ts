import ts from "typescript";
import { isReserved } from "./reserved-names.ts";

/** What the SDK's own client says beside the schema, as `sdk-words.json` keeps it. */
export interface SdkWords {
  /** `Type`, `Type.method`, `TypeMethodOpts.argument`, `Enum.Member` → lines of the doc comment. */
  readonly comments: Readonly<Record<string, readonly string[]>>;
  /** `Enum.Member` → what it is worth. */
  readonly values: Readonly<Record<string, string>>;
}

/** Reads the declarations of the SDK's client, `client.gen.d.ts`. A part of the engine's build. */
export function readSdkWords(declarations: string): SdkWords {
  const file = ts.createSourceFile("client.gen.d.ts", declarations, ts.ScriptTarget.ES2022, true);
  const comments: Record<string, readonly string[]> = {};
  const values: Record<string, string> = {};
  const note = (key: string, node: ts.Node): void => {
    const lines = linesAbove(node, declarations);
    if (lines.length > 0) comments[key] ??= lines;
  };
  for (const node of file.statements) {
    if (ts.isEnumDeclaration(node)) {
      note(node.name.text, node);
      for (const member of node.members) {
        const key = `${node.name.text}.${member.name.getText()}`;
        note(key, member);
        if (member.initializer !== undefined && ts.isStringLiteral(member.initializer)) {
          values[key] = member.initializer.text;
        }
      }
    } else if (ts.isTypeAliasDeclaration(node)) {
      note(node.name.text, node);
      if (!ts.isTypeLiteralNode(node.type)) continue;
      for (const member of node.type.members) note(`${node.name.text}.${member.name?.getText()}`, member);
    } else if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      const name = schemaName(node.name?.text ?? "");
      note(name, node);
      for (const member of node.members) {
        if (ts.isPropertyDeclaration(member)) note(`${name}.${plain(member.name.getText())}`, member);
      }
    }
  }
  return { comments, values };
}

/** `_NodeClient` → `Node`, `Client` → `Query`, `Function_` → `Function`. */
function schemaName(name: string): string {
  const ofInterface = /^_(\w+)Client$/.exec(name)?.[1];
  if (ofInterface !== undefined) return ofInterface;
  return name === "Client" ? "Query" : plain(name);
}

function plain(name: string): string {
  const cut = name.replace(/_$/, "");
  return isReserved(cut) ? cut : name;
}

function linesAbove(node: ts.Node, text: string): readonly string[] {
  const comment = ts
    .getLeadingCommentRanges(text, node.getFullStart())
    ?.findLast(({ pos }) => text.startsWith("/**", pos));
  if (comment === undefined) return [];
  return text
    .slice(comment.pos, comment.end)
    .split("\n")
    .slice(1, -1)
    .map((line) => line.replace(/^\s*\* ?/, "").replaceAll("*\\/", "*/"));
}
